package source

import (
	"strconv"
	"strings"
)

// docxReader reads the main part of a docx; footnotes, heads and feet are other
// parts and are left out by not being read.
type docxReader struct {
	*xmlReader
	styles   docxStyles
	numbers  *numbering
	pictures int
	carry    strings.Builder // text of paragraphs whose ends were deleted
}

func readDocx(a *archive) (*Document, error) {
	part, err := a.mainPart("word/document.xml")
	if err != nil {
		return nil, err
	}
	d := &docxReader{}
	if d.styles, err = readStyles(a); err != nil {
		return nil, err
	}
	if d.numbers, err = readNumbering(a); err != nil {
		return nil, err
	}
	r, err := a.open(part)
	if err != nil {
		return nil, err
	}
	d.xmlReader = newXML(r)
	out := &builder{budget: newBudget()}
	if err := d.body(out); err != nil {
		return nil, err
	}
	if err := out.paragraph(d.carry.String(), Place{}); err != nil {
		return nil, err
	}
	if len(out.blocks) == 0 && d.pictures > 0 {
		return nil, refuse("文档里只有图片，没有文字", pictureHint)
	}
	number(out.blocks)
	return &Document{Format: Docx, Blocks: out.blocks}, nil
}

// body reads what stands one below the other: in the document, a cell, a text box.
func (d *docxReader) body(out *builder) error {
	return d.each(func(e element) error {
		switch e.Name.Local {
		case "p":
			return d.paragraph(out)
		case "tbl":
			return d.table(out)
		case "del", "moveFrom", "sectPr", "sdtPr", "tblPr", "tcPr":
			return d.skip()
		case "AlternateContent":
			return d.only(func() error { return d.body(out) })
		}
		return d.body(out) // ins, sdt, customXml and the like: what they hold counts
	})
}

// para is a paragraph while it is read.
type para struct {
	text    strings.Builder
	style   string
	list    *listing // its own numPr
	deleted bool     // its end is deleted: the next one joins it
	fields  []bool   // fields that are open: in their instruction?
	asking  int      // how many of them are in their instruction
	boxes   *builder // text boxes anchored in it
}

func (d *docxReader) paragraph(out *builder) error {
	p := &para{boxes: &builder{budget: out.budget}}
	if err := d.inline(p); err != nil {
		return err
	}
	text := p.text.String()
	if d.styles.isContents(p.style) {
		text = ""
	} else if label := d.numbers.label(d.styles.listing(p.style, p.list, d.numbers)); clean(text) != "" {
		text = label + strings.TrimLeft(text, " \t\u3000")
	}
	if p.deleted || d.carry.Len() > 0 {
		d.carry.WriteString(text)
		text = d.carry.String()
	}
	if !p.deleted {
		d.carry.Reset()
		if err := out.paragraph(text, Place{}); err != nil {
			return err
		}
	}
	out.blocks = append(out.blocks, p.boxes.blocks...)
	return nil
}

// inline reads what stands one after the other in a paragraph.
func (d *docxReader) inline(p *para) error {
	return d.each(func(e element) error {
		switch e.Name.Local {
		case "pPr":
			return d.properties(p)
		case "r":
			return d.run(p)
		case "del", "moveFrom", "sdtPr", "rt":
			return d.skip()
		}
		return d.inline(p) // hyperlink, ins, smartTag, fldSimple, sdt, ruby and the like
	})
}

func (d *docxReader) properties(p *para) error {
	return d.each(func(e element) error {
		switch e.Name.Local {
		case "pStyle":
			p.style = e.get("val")
		case "numPr":
			l, err := readListing(d.xmlReader)
			p.list = l
			return err
		case "rPr":
			return d.each(func(e element) error {
				p.deleted = p.deleted || e.Name.Local == "del"
				return d.skip()
			})
		}
		return d.skip()
	})
}

// breaks in the XML of a text are blanks.
var breaks = strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ")

// run reads a run of text with one look.
func (d *docxReader) run(p *para) error {
	hidden := false
	write := func(s string) {
		if !hidden && p.asking == 0 {
			p.text.WriteString(s)
		}
	}
	return d.each(func(e element) error {
		switch e.Name.Local {
		case "rPr":
			var err error
			hidden, err = d.hidden()
			return err
		case "t":
			s, err := d.text()
			write(breaks.Replace(s))
			return err
		case "tab", "ptab":
			write("\t")
		case "br", "cr":
			write("\n")
		case "noBreakHyphen":
			write("-")
		case "fldChar":
			p.field(e.get("fldCharType"))
		case "AlternateContent":
			return d.only(func() error { return d.drawing(p) })
		case "drawing", "pict", "object":
			d.pictures++
			return d.drawing(p)
		case "ruby":
			return d.inline(p)
		}
		return d.skip()
	})
}

// hidden reads the look of a run.
func (d *docxReader) hidden() (bool, error) {
	hidden := false
	err := d.each(func(e element) error {
		switch e.Name.Local {
		case "vanish", "webHidden":
			hidden = e.is()
		case "rStyle":
			hidden = hidden || d.styles[e.get("val")].hidden
		}
		return d.skip()
	})
	return hidden, err
}

// drawing looks for text boxes in a picture.
func (d *docxReader) drawing(p *para) error {
	return d.each(func(e element) error {
		switch e.Name.Local {
		case "txbxContent":
			return d.body(p.boxes)
		case "AlternateContent":
			return d.only(func() error { return d.drawing(p) })
		case "blip", "imagedata":
			d.pictures++
		}
		return d.drawing(p)
	})
}

// field follows a field: its instruction is not printed, its result is.
func (p *para) field(kind string) {
	last := len(p.fields) - 1
	switch {
	case kind == "begin":
		p.fields = append(p.fields, true)
		p.asking++
	case last < 0: // it began in a paragraph above
	case kind == "separate" && p.fields[last]:
		p.fields[last] = false
		p.asking--
	case kind == "end":
		if p.fields[last] {
			p.asking--
		}
		p.fields = p.fields[:last]
	}
}

func (d *docxReader) table(out *builder) error {
	g := &grid{budget: out.budget}
	if err := d.rows(g); err != nil {
		return err
	}
	return g.finish(out, Place{})
}

func (d *docxReader) rows(g *grid) error {
	return d.each(func(e element) error {
		switch e.Name.Local {
		case "tr":
			return d.row(g)
		case "tblPr", "tblGrid", "sdtPr", "del", "moveFrom":
			return d.skip()
		}
		return d.rows(g)
	})
}

func (d *docxReader) row(g *grid) error {
	g.row()
	deleted := false
	var cells func(e element) error
	cells = func(e element) error {
		switch e.Name.Local {
		case "tc":
			return d.cell(g)
		case "trPr":
			return d.each(func(e element) error {
				switch e.Name.Local {
				case "del":
					deleted = true
				case "gridBefore":
					if err := g.gap(atoi(e.get("val"))); err != nil {
						return err
					}
				}
				return d.skip()
			})
		case "sdtPr", "tblPrEx":
			return d.skip()
		}
		return d.each(cells)
	}
	if err := d.each(cells); err != nil {
		return err
	}
	if deleted {
		g.drop()
		return nil
	}
	return g.endRow()
}

func (d *docxReader) cell(g *grid) error {
	cols, goesOn := 1, false
	b := &builder{budget: g.budget}
	var content func(e element) error
	content = func(e element) error {
		switch e.Name.Local {
		case "tcPr":
			return d.each(func(e element) error {
				switch e.Name.Local {
				case "gridSpan":
					cols = atoi(e.get("val"))
				case "vMerge":
					goesOn = e.get("val") != "restart"
				}
				return d.skip()
			})
		case "p":
			return d.paragraph(b)
		case "tbl":
			return d.table(b)
		case "del", "moveFrom", "sdtPr":
			return d.skip()
		}
		return d.each(content)
	}
	if err := d.each(content); err != nil {
		return err
	}
	if goesOn {
		return g.below(cols)
	}
	return g.add(b.blocks, cols, 1)
}

// atoi reads a small number of an attribute; what is none is 0.
func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}
