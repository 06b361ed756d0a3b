package fault

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

const maxBytes = 16 << 20

// Source is a parsed file that still knows where everything stands.
type Source struct {
	file  string
	root  *node
	twice List // keys written twice; Decode reports them with its own faults
}

// File is the name that faults carry.
func (s *Source) File() string { return s.file }

// Read reads, parses and decodes a file. The Source is never nil; when there
// are faults, into may be filled in part.
func Read(file string, into any) (*Source, List) {
	data, err := readFile(file)
	if err != nil {
		return &Source{file: file, root: &node{}}, List{missing(file, err)}
	}
	s, faults := Parse(file, data)
	if len(faults) > 0 {
		return s, faults
	}
	return s, s.Decode(into)
}

// readFile stops a little after the size that Parse refuses.
func readFile(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxBytes+8))
}

func missing(file string, err error) Fault {
	f := Fault{File: file, What: "cannot be read: " + err.Error()}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		f.What = "cannot be read: " + pe.Err.Error()
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.What, f.Hint = "no such file", "check the path, or create the file"
	case errors.Is(err, fs.ErrPermission):
		f.Hint = "let the account that runs duban read it"
	}
	return f
}

// Parse reads one YAML or JSON document. It refuses what these files do not
// need and what can blow up a reader: more than 16 MiB, nesting deeper than 64,
// anchors, aliases, tags, directives, several documents. The Source is never
// nil, so that faults can be placed in it.
func Parse(file string, data []byte) (*Source, List) {
	s := &Source{file: file, root: &node{}}
	text, bad := clean(data)
	if bad != nil {
		bad.File = file
		return s, List{*bad}
	}
	root, faults := parse(text)
	for i := range faults {
		faults[i].File = file
	}
	faults.Sort()
	if root != nil && len(faults) == 0 {
		s.root = root
		s.twice = root.twice(file, nil)
	}
	return s, faults
}

// clean drops a byte order mark and carriage returns and refuses what is no
// UTF-8 text.
func clean(data []byte) (string, *Fault) {
	if len(data) > maxBytes {
		return "", &Fault{What: "the file is larger than 16 MiB", Hint: "split it"}
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	line, col := 1, 1
	for i, r := range string(data) {
		if r == '\uFFFD' && !bytes.HasPrefix(data[i:], []byte("\uFFFD")) {
			return "", &Fault{Line: line, Column: col, What: "the file is not UTF-8 text", Hint: "save it as UTF-8, not GBK or UTF-16"}
		}
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' {
			return "", &Fault{Line: line, Column: col, What: fmt.Sprintf("control character %U", r), Hint: "remove it"}
		}
		if col++; r == '\n' {
			line, col = line+1, 1
		}
	}
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	data = bytes.ReplaceAll(data, []byte("\r"), []byte("\n"))
	if !bytes.HasSuffix(data, []byte("\n")) {
		data = append(data, '\n') // the scanner drops an indicator that ends the text
	}
	return string(data), nil
}
