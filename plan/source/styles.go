package source

import "strings"

// docxStyle is what a style says about the text in it.
type docxStyle struct {
	name   string
	based  string
	list   *listing
	hidden bool
}

// docxStyles are a document's styles by id.
type docxStyles map[string]docxStyle

func readStyles(a *archive) (docxStyles, error) {
	out := docxStyles{}
	const part = "word/styles.xml"
	if !a.has(part) {
		return out, nil
	}
	return out, a.walk(part, func(x *xmlReader, e element) error {
		if e.Name.Local != "style" {
			return nil
		}
		s, err := readStyle(x)
		out[e.get("styleId")] = s
		return err
	})
}

func readStyle(x *xmlReader) (docxStyle, error) {
	var s docxStyle
	var parts func(e element) error
	parts = func(e element) error {
		switch e.Name.Local {
		case "name":
			s.name = strings.ToLower(e.get("val"))
		case "basedOn":
			s.based = e.get("val")
		case "vanish":
			s.hidden = e.is()
		case "numPr":
			l, err := readListing(x)
			s.list = l
			return err
		case "pPr", "rPr":
			return x.each(parts)
		}
		return x.skip()
	}
	err := x.each(parts)
	return s, err
}

// isContents says whether a style is one of a table of contents: it repeats the
// headings with their pages.
func (s docxStyles) isContents(id string) bool {
	name := s[id].name
	return strings.HasPrefix(name, "toc ") && name != "toc heading" || strings.HasPrefix(name, "目录")
}

// listing tells which list a paragraph belongs to: its own word goes before its
// style's, and that before the style it is based on.
func (s docxStyles) listing(style string, own *listing, n *numbering) listing {
	var out listing
	if own != nil {
		out = *own
		if out.list != "" {
			return out
		}
	}
	for id, steps := style, 0; id != "" && steps < maxLevels+1; id, steps = s[id].based, steps+1 {
		l := s[id].list
		if l == nil || l.list == "" {
			continue
		}
		if out.list = l.list; out.level == "" {
			if out.level = l.level; out.level == "" {
				out.level = string(rune('0' + n.levelOf(l.list, id)))
			}
		}
		return out
	}
	return out
}
