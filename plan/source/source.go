// Package source turns a file into the blocks of its document: paragraphs and
// tables in reading order, each with its place, whatever the format. What comes
// after it no longer knows whether the document was a docx, a pdf or a text.
//
// What kind of file it is, its content says (sniff.go); the name only tells
// Markdown from plain text, which look alike. A text's encoding, too, is decided
// by the content (encoding.go). Every reader keeps what is printed and nothing
// else: automatic numbers are written out, deleted and hidden text, page
// numbers, running heads, footnotes and tables of contents are left out. Blanks
// of all widths are plain spaces, and what cannot be seen is gone (clean.go).
//
// A line break within a paragraph of a docx or a web page begins a new block, as
// it does in a text. Lines that a text wraps stay as they are: whether they
// belong together is the outline's matter. A pdf knows no paragraphs; there the
// lines are put together by their place on the page.
//
// A table that only arranges a page (one column, or a cell that holds nearly
// everything) is read as the paragraphs in it. Rows above a table's head that say
// one thing, its title, are paragraphs before it. A cell's paragraphs are parted
// by "\n", and so are the rows of a table within a cell.
//
// A sheet of a workbook is a table, without its empty rows and columns. A table of
// a pdf is found by its ruled lines; without them its rows are lines of text whose
// columns are parted by tabs.
//
// A file that cannot be read, or not be read for sure, is refused with one
// sentence and an advice. The limits are in limits.go; they count what is really
// there, never what a file says of itself. Nothing is fetched, no entity or
// DOCTYPE of an XML part is followed, no macro is run.
package source

import (
	"errors"
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
	Format   Format
	Blocks   []Block
	Warnings []string // what could not be read, for the user: pages that are pictures
}

// Block is a paragraph, or a table when Rows is not empty.
type Block struct {
	Text  string   // of a paragraph, with automatic numbers as they are printed; without line ends
	Rows  [][]Cell // of a table; all rows have the same length
	Place Place
}

// Cell is one cell of a table. A merged cell stands in every place that it
// covers; in all but the first of them Merged is set.
type Cell struct {
	Text   string // its paragraphs, parted by "\n"
	Merged bool
}

// Place is where a block begins, counted from 1; 0 is not known.
type Place struct {
	Page int // pdf; the number of the sheet in an xlsx
	Line int // of a text; otherwise the number of the block, of the row in an xlsx
}

// Refused says why a file cannot be read and what to do, for the person who
// tried, in Chinese: exit code 2, nothing stored.
type Refused struct {
	File string
	What string // what is wrong
	Hint string // what to do
}

// Error is "file：what；hint".
func (r *Refused) Error() string { return r.File + "：" + r.What + "；" + r.Hint }

// Open reads a file's content. The name tells the format where the content does
// not. An error is a *Refused.
func Open(name string, content []byte) (*Document, error) {
	d, err := open(name, content)
	if err == nil && len(d.Blocks) == 0 {
		err = saysNothing()
	}
	if err != nil {
		return nil, named(name, err)
	}
	return d, nil
}

func open(name string, content []byte) (*Document, error) {
	k, err := sniff(name, content)
	if err != nil {
		return nil, err
	}
	return k.read(content)
}

// named puts the file's name to a refusal. Any other error is a damaged file
// that no reader foresaw.
func named(name string, err error) error {
	var r *Refused
	if !errors.As(err, &r) {
		errors.As(damaged(), &r)
	}
	return &Refused{name, r.What, r.Hint}
}
