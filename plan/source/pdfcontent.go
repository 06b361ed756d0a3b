package source

import (
	"bytes"
	"math"
)

// matrix is [a b c d e f] of a pdf.
type matrix [6]float64

var identity = matrix{1, 0, 0, 1, 0, 0}

// mul applies m first, then n.
func (m matrix) mul(n matrix) matrix {
	return matrix{
		m[0]*n[0] + m[1]*n[2], m[0]*n[1] + m[1]*n[3],
		m[2]*n[0] + m[3]*n[2], m[2]*n[1] + m[3]*n[3],
		m[4]*n[0] + m[5]*n[2] + n[4], m[4]*n[1] + m[5]*n[3] + n[5],
	}
}

// glyph is a character on a page. x grows to the right, y upwards.
type glyph struct {
	x, y, w, size float64
	text          string
}

// look is the state that q saves.
type look struct {
	ctm                matrix
	font               *pdfFont
	size, spacing      float64
	wordSpacing, scale float64
	leading, rise      float64
}

// The limits of one page: a newspaper page has some thousand characters.
const (
	maxGlyphs = 300_000
	maxSaved  = 1000
	maxForms  = 8 // forms within forms
)

// painter runs the operators of a page and keeps its characters.
type painter struct {
	f *pdfFile
	look
	saved    []look
	tm, line matrix
	glyphs   []glyph
	path     drawing
	rules    []rule // lines that are drawn, straight and upright
	pictures int
	turned   int // characters that do not stand upright: watermarks
}

// run paints a content stream with its resources.
func (p *painter) run(data []byte, res pdfDict, depth int) error {
	l := &pdfLexer{b: data}
	fonts := map[pdfName]*pdfFont{}
	var args []any
	for {
		v, ok := l.next()
		if !ok {
			return nil
		}
		op, isOp := v.(pdfWord)
		if !isOp {
			if len(args) < 64 {
				args = append(args, v)
			}
			continue
		}
		if p.f.drawn++; p.f.drawn > maxOperators || len(p.glyphs) > maxGlyphs {
			return refuse("PDF 的绘制内容远超正常文档", "请重新打印成 PDF，或索取 Word 原文件")
		}
		var err error
		switch op {
		case "Tf":
			p.setFont(args, res, fonts)
		case "Do":
			err = p.object(args, res, depth)
		case "ID":
			p.pictures++
			l.skipImage()
		default:
			p.operator(op, args)
		}
		if err != nil {
			return err
		}
		args = args[:0]
	}
}

// skipImage moves behind the bytes of a picture within the content.
func (l *pdfLexer) skipImage() {
	for {
		n := bytes.Index(l.b[l.i:], []byte("EI"))
		if n < 0 {
			l.i = len(l.b)
			return
		}
		l.i += n + 2
		if isPDFSpace(l.b[l.i-3]) && (l.i == len(l.b) || isPDFSpace(l.b[l.i])) {
			return
		}
	}
}

func (p *painter) setFont(args []any, res pdfDict, known map[pdfName]*pdfFont) {
	if len(args) < 2 {
		return
	}
	name, _ := args[0].(pdfName)
	p.size, _ = args[1].(float64)
	if p.font = known[name]; p.font != nil {
		return
	}
	v := p.f.dict(res["Font"])[name]
	ref, isRef := v.(pdfRef)
	if p.font = p.f.fonts[ref]; p.font == nil || !isRef {
		p.font = p.f.font(p.f.dict(v))
		p.f.drawn += len(p.font.widths)
		if isRef {
			p.f.fonts[ref] = p.font
		}
	}
	known[name] = p.font
}

// object paints a form or counts a picture.
func (p *painter) object(args []any, res pdfDict, depth int) error {
	if len(args) < 1 || depth > maxForms {
		return nil
	}
	name, _ := args[0].(pdfName)
	s, ok := p.f.get(p.f.dict(res["XObject"])[name]).(*pdfStream)
	if !ok {
		return nil
	}
	if p.f.name(s.dict["Subtype"]) != "Form" {
		p.pictures++
		return nil
	}
	data, err := p.f.form(s)
	if err != nil {
		return err
	}
	own := p.f.dict(s.dict["Resources"])
	if own == nil {
		own = res
	}
	saved := p.look
	if m, ok := toMatrix(p.f.array(s.dict["Matrix"])); ok {
		p.ctm = m.mul(p.ctm)
	}
	err = p.run(data, own, depth+1)
	p.look = saved
	return err
}

func toMatrix(args []any) (m matrix, ok bool) {
	if len(args) < 6 {
		return m, false
	}
	for i := range m {
		m[i], _ = args[i].(float64)
	}
	return m, true
}

// operator does what is left: state and text.
func (p *painter) operator(op pdfWord, args []any) {
	n := func(i int) float64 {
		if i < len(args) {
			f, _ := args[i].(float64)
			return f
		}
		return 0
	}
	switch op {
	case "q":
		if len(p.saved) < maxSaved {
			p.saved = append(p.saved, p.look)
		}
	case "Q":
		if last := len(p.saved) - 1; last >= 0 {
			p.look, p.saved = p.saved[last], p.saved[:last]
		}
	case "cm":
		if m, ok := toMatrix(args); ok {
			p.ctm = m.mul(p.ctm)
		}
	case "BT":
		p.tm, p.line = identity, identity
	case "Tm":
		if m, ok := toMatrix(args); ok {
			p.tm, p.line = m, m
		}
	case "Td", "TD":
		if op == "TD" {
			p.leading = -n(1)
		}
		p.newLine(n(0), n(1))
	case "T*":
		p.newLine(0, -p.leading)
	case "Tc", "Tw", "Tz", "TL", "Ts":
		p.spell(op, n(0))
	case "Tj", "TJ", "'", `"`:
		p.text(op, args)
	default:
		p.draw(op, args)
	}
}

// spell sets how characters are set.
func (p *painter) spell(op pdfWord, v float64) {
	switch op {
	case "Tc":
		p.spacing = v
	case "Tw":
		p.wordSpacing = v
	case "Tz":
		p.scale = v / 100
	case "TL":
		p.leading = v
	case "Ts":
		p.rise = v
	}
}

func (p *painter) newLine(x, y float64) {
	p.line = matrix{1, 0, 0, 1, x, y}.mul(p.line)
	p.tm = p.line
}

func (p *painter) text(op pdfWord, args []any) {
	if len(args) == 0 {
		return
	}
	if op == "'" || op == `"` {
		p.newLine(0, -p.leading)
	}
	switch v := args[len(args)-1].(type) {
	case pdfString:
		p.show(string(v))
	case []any:
		for _, x := range v {
			switch x := x.(type) {
			case pdfString:
				p.show(string(x))
			case float64:
				p.move(-x / 1000 * p.size * p.scale)
			}
		}
	}
}

func (p *painter) move(x float64) { p.tm = matrix{1, 0, 0, 1, x, 0}.mul(p.tm) }

// upright is how far a line may lean.
const upright = 0.1

func (p *painter) show(s string) {
	for s != "" && p.font != nil && len(p.glyphs) <= maxGlyphs {
		var code string
		code, s = p.font.cut(s)
		w := p.font.width(code) / 1000 * p.size
		m := matrix{p.size * p.scale, 0, 0, p.size, 0, p.rise}.mul(p.tm).mul(p.ctm)
		across, up := math.Hypot(m[0], m[1]), math.Hypot(m[2], m[3])
		if math.Abs(m[1]) > upright*across || m[0] < 0 {
			p.turned++
		} else if up > 0 && !math.IsInf(m[4], 0) && !math.IsNaN(m[4]) && !math.IsNaN(m[5]) {
			p.glyphs = append(p.glyphs, glyph{m[4], m[5], w / safe(p.size) * across, up, p.font.text(code)})
		}
		step := w + p.spacing
		if code == " " {
			step += p.wordSpacing
		}
		p.move(step * p.scale)
	}
}

// safe is a divisor.
func safe(f float64) float64 {
	if f == 0 {
		return 1
	}
	return f
}
