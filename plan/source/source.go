// Package source turns a file into the blocks of its document: paragraphs and
// tables in reading order, each with its place, whatever the format. What comes
// after it no longer knows whether the document was a docx, a pdf or a text.
package source

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Format is what kind of file a document came as.
type Format string

// The formats.
const (
	Text     Format = "txt"
	Markdown Format = "md"
	Docx     Format = "docx"
	PDF      Format = "pdf"
	Xlsx     Format = "xlsx"
	HTML     Format = "html"
)

// Document is what a file says.
type Document struct {
	Format Format
	Blocks []Block
}

// Block is a paragraph, or a table when Rows is not empty.
type Block struct {
	Text  string   // of a paragraph, with automatic numbers as they are printed; without line ends
	Rows  [][]Cell // of a table
	Place Place
}

// Cell is one cell of a table. A merged cell stands in every place that it
// covers; in all but the first of them Merged is set.
type Cell struct {
	Text   string
	Merged bool
}

// Place is where a block begins, counted from 1; 0 is not known.
type Place struct {
	Page int // pdf; the number of the sheet in an xlsx
	Line int // of a text; otherwise the number of the block, of the row in an xlsx
}

// Refused says why a file cannot be read and what to do, for the person who
// tried: exit code 2, nothing stored.
type Refused struct {
	File string
	What string // what is wrong
	Hint string // what to do
}

// Error is "file: what; hint".
func (r *Refused) Error() string { return r.File + ": " + r.What + "; " + r.Hint }

// Open reads a file's content. The name tells the format where the content does
// not. An error is a *Refused.
func Open(name string, content []byte) (*Document, error) {
	if !utf8.Valid(content) {
		return nil, &Refused{name, "not a UTF-8 text", "save it as UTF-8"}
	}
	d := &Document{Format: Text}
	n := 0
	for line := range strings.Lines(string(content)) {
		n++
		if t := strings.TrimSpace(line); t != "" {
			d.Blocks = append(d.Blocks, Block{Text: t, Place: Place{Line: n}})
		}
	}
	if len(d.Blocks) == 0 {
		return nil, &Refused{name, "the file says nothing", fmt.Sprintf("it has %d bytes", len(content))}
	}
	return d, nil
}
