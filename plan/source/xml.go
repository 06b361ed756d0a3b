package source

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// xmlReader reads a part of a package token by token, so that a part need not
// be in memory. It knows no DTD: a part with one is refused.
type xmlReader struct {
	dec   *xml.Decoder
	depth int
}

// element is a start tag.
type element struct{ xml.StartElement }

func newXML(r io.Reader) *xmlReader { return &xmlReader{dec: xml.NewDecoder(r)} }

// get returns an attribute by its local name.
func (e element) get(name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// is reads an on/off property: the tag alone means on.
func (e element) is() bool {
	v := e.get("val")
	return v != "0" && v != "false" && v != "off"
}

// next returns the next token; io.EOF only where the document is complete.
func (x *xmlReader) next() (xml.Token, error) {
	t, err := x.dec.RawToken()
	if err != nil {
		return nil, x.explain(err)
	}
	switch t.(type) {
	case xml.StartElement:
		if x.depth++; x.depth > maxDepth {
			return nil, refuse("文件内部嵌套太深，不像正常文档", "请用 Word 或 WPS 打开后另存一份")
		}
	case xml.EndElement:
		if x.depth--; x.depth < 0 {
			return nil, damaged()
		}
	case xml.Directive:
		return nil, refuse("文件里有 DOCTYPE，正常的 Word、Excel 文档没有", "请用 Word 或 WPS 打开后另存一份")
	}
	return t, nil
}

// explain makes an error of the decoder one for the user.
func (x *xmlReader) explain(err error) error {
	var r *Refused
	switch {
	case errors.As(err, &r):
		return r
	case errors.Is(err, io.EOF) && x.depth == 0:
		return io.EOF
	case errors.Is(err, io.EOF):
		return cutOff()
	}
	return damaged()
}

// each calls f for every child of the open element, until its end. f reads its
// element to the end: by each, text or skip.
func (x *xmlReader) each(f func(e element) error) error {
	for {
		t, err := x.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if err := f(element{t}); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

// skip leaves an element out.
func (x *xmlReader) skip() error {
	for depth := x.depth; x.depth >= depth; {
		if _, err := x.next(); err != nil {
			return err
		}
	}
	return nil
}

// text returns the characters of an element, those of its children included.
func (x *xmlReader) text() (string, error) {
	var b strings.Builder
	for depth := x.depth; x.depth >= depth; {
		t, err := x.next()
		if err != nil {
			return "", err
		}
		if c, ok := t.(xml.CharData); ok {
			b.Write(c)
		}
	}
	return b.String(), nil
}

// only reads the first element of a choice and skips the others: what they
// show, they show once.
func (x *xmlReader) only(f func() error) error {
	taken := false
	return x.each(func(element) error {
		if taken {
			return x.skip()
		}
		taken = true
		return f()
	})
}
