package source

import (
	"bytes"
	"compress/zlib"
	"encoding/ascii85"
	"io"
)

// pdfFile is all objects of a file by their numbers. They are found by reading
// the file from its beginning, not by its table of places: a wrong table is the
// commonest fault, and one that goes round in circles the oldest attack.
type pdfFile struct {
	objects  map[int]any
	trailer  pdfDict // the entries of all trailers, the last ones win
	unpacked int     // bytes unpacked so far
	fonts    map[pdfRef]*pdfFont
	drawn    int // operators so far, and entries of fonts
	forms    map[*pdfStream][]byte
}

func parsePDF(content []byte) (*pdfFile, error) {
	if end := bytes.LastIndex(content, []byte("%%EOF")); end < 0 || bytes.Contains(content[end:], []byte("endobj")) {
		return nil, cutOff()
	}
	f := &pdfFile{objects: map[int]any{}, trailer: pdfDict{}, fonts: map[pdfRef]*pdfFont{}, forms: map[*pdfStream][]byte{}}
	packed := f.scan(content)
	if f.trailer["Encrypt"] != nil {
		return nil, refuse("PDF 设了密码或使用限制", "请取消密码和限制，或索取 Word 原文件")
	}
	for _, s := range packed {
		if err := f.unpackObjects(s); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// scan reads all objects and trailers; it returns the streams of packed objects.
func (f *pdfFile) scan(content []byte) (packed []*pdfStream) {
	l := &pdfLexer{b: content, refs: true}
	var before [2]any // the two objects before a keyword
	for {
		v, ok := l.next()
		if !ok {
			return packed
		}
		switch v {
		case pdfWord("obj"):
			n, isNumber := before[0].(float64)
			body, ok := l.next()
			if !ok || !isNumber {
				break
			}
			if s := l.stream(body); s != nil {
				body = s
				if s.dict["Type"] == pdfName("ObjStm") {
					packed = append(packed, s)
				}
				if s.dict["Type"] == pdfName("XRef") {
					f.trails(s.dict)
				}
			}
			f.objects[int(n)] = body
		case pdfWord("trailer"):
			if d, ok := l.next(); ok {
				t, _ := d.(pdfDict)
				f.trails(t)
			}
		}
		before[0], before[1] = before[1], v
	}
}

func (f *pdfFile) trails(d pdfDict) {
	for _, k := range []pdfName{"Root", "Encrypt"} {
		if d[k] != nil {
			f.trailer[k] = d[k]
		}
	}
}

// stream reads the stream that follows a dictionary, nil if none does.
func (l *pdfLexer) stream(body any) *pdfStream {
	d, ok := body.(pdfDict)
	if !ok {
		return nil
	}
	l.space()
	const begin, end = "stream", "endstream"
	if !bytes.HasPrefix(l.b[l.i:], []byte(begin)) {
		return nil
	}
	l.i += len(begin)
	if l.at(0) == '\r' {
		l.i++
	}
	if l.at(0) == '\n' {
		l.i++
	}
	rest := l.b[l.i:]
	n := -1
	if f, ok := d["Length"].(float64); ok && f >= 0 && f <= float64(len(rest)) {
		if after := bytes.TrimLeft(rest[int(f):min(len(rest), int(f)+len(end)+8)], "\r\n "); bytes.HasPrefix(after, []byte(end)) {
			n = int(f)
		}
	}
	if n < 0 { // the length is elsewhere or wrong
		if n = bytes.Index(rest, []byte(end)); n < 0 {
			n = len(rest)
		}
	}
	l.i += n
	return &pdfStream{d, rest[:n]}
}

// unpackObjects reads the objects that a stream holds. Objects that overlap are
// left out, so that a stream is read once.
func (f *pdfFile) unpackObjects(s *pdfStream) error {
	data, err := f.data(s)
	if err != nil {
		return err
	}
	first := min(max(f.int(s.dict["First"]), 0), len(data))
	head := &pdfLexer{b: data[:first]}
	body := &pdfLexer{b: data, i: first, refs: true}
	for {
		n, ok1 := head.next()
		at, ok2 := head.next()
		if !ok1 || !ok2 {
			return nil
		}
		number, isNumber := n.(float64)
		offset, isOffset := at.(float64)
		if !isNumber || !isOffset || !isCount(offset) || first+int(offset) < body.i {
			continue
		}
		body.i = first + int(offset)
		if v, ok := body.next(); ok {
			f.objects[int(number)] = v
		}
	}
}

// get follows references.
func (f *pdfFile) get(v any) any {
	for range 16 {
		r, ok := v.(pdfRef)
		if !ok {
			return v
		}
		v = f.objects[int(r)]
	}
	return nil
}

func (f *pdfFile) dict(v any) pdfDict {
	switch v := f.get(v).(type) {
	case pdfDict:
		return v
	case *pdfStream:
		return v.dict
	}
	return nil
}

func (f *pdfFile) array(v any) []any {
	a, _ := f.get(v).([]any)
	return a
}

func (f *pdfFile) number(v any) float64 {
	n, _ := f.get(v).(float64)
	return n
}

// int keeps a number in what an int can be everywhere.
func (f *pdfFile) int(v any) int { return int(max(-1<<30, min(1<<30, f.number(v)))) }

func (f *pdfFile) name(v any) pdfName {
	n, _ := f.get(v).(pdfName)
	return n
}

// list makes an array of what may be one object or several.
func (f *pdfFile) list(v any) []any {
	switch v := f.get(v).(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}

// form unpacks a stream once: a letterhead is painted on every page.
func (f *pdfFile) form(s *pdfStream) ([]byte, error) {
	if data, ok := f.forms[s]; ok {
		return data, nil
	}
	data, err := f.data(s)
	f.forms[s] = data
	return data, err
}

// data unpacks a stream. A filter that is not known gives nothing. What is not
// packed counts too, for it can be asked for again and again.
func (f *pdfFile) data(s *pdfStream) ([]byte, error) {
	data := s.raw
	if f.unpacked += len(data); f.unpacked > maxUnpacked {
		return nil, tooMuch()
	}
	filters, params := f.list(s.dict["Filter"]), f.list(s.dict["DecodeParms"])
	for i, v := range filters {
		if i >= 4 {
			return nil, nil
		}
		var p pdfDict
		if i < len(params) {
			p = f.dict(params[i])
		}
		var err error
		if data, err = f.filter(f.name(v), data, p); err != nil {
			return nil, err
		}
	}
	return data, nil
}

func (f *pdfFile) filter(name pdfName, data []byte, p pdfDict) ([]byte, error) {
	switch name {
	case "FlateDecode", "Fl":
		r, err := zlib.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, nil
		}
		out, err := f.unpack(r)
		if err != nil {
			return nil, err
		}
		return f.unpredict(out, p), nil
	case "ASCII85Decode", "A85":
		data, _, _ = bytes.Cut(data, []byte("~>"))
		return f.unpack(ascii85.NewDecoder(bytes.NewReader(data)))
	case "ASCIIHexDecode", "AHx":
		l := &pdfLexer{b: data, i: -1}
		return []byte(l.hex()), nil // from before the first byte, where "<" would be
	}
	return nil, nil
}

// unpack reads r to its end, or to where it is damaged.
func (f *pdfFile) unpack(r io.Reader) ([]byte, error) {
	var b bytes.Buffer
	n, _ := io.Copy(&b, io.LimitReader(r, int64(maxUnpacked-f.unpacked)+1))
	if f.unpacked += int(n); f.unpacked > maxUnpacked {
		return nil, tooMuch()
	}
	return b.Bytes(), nil
}

func tooMuch() error {
	return refuse("PDF 解压后远超正常文档的大小", "请重新打印成 PDF，或索取 Word 原文件")
}

// unpredict undoes the PNG filters of rows.
func (f *pdfFile) unpredict(data []byte, p pdfDict) []byte {
	if f.int(p["Predictor"]) < 10 {
		return data
	}
	value := func(name pdfName, usual int) int {
		if n := f.int(p[name]); n > 0 {
			return min(n, 1<<16)
		}
		return usual
	}
	bits := value("Colors", 1) * value("BitsPerComponent", 8)
	size, step := (value("Columns", 1)*bits+7)/8, max(1, bits/8)
	out := make([]byte, 0, len(data))
	above := make([]byte, size)
	for len(data) > size {
		kind, row := data[0], data[1:size+1]
		data = data[size+1:]
		pngRow(kind, row, above, step)
		out = append(out, row...)
		above = row
	}
	return out
}

// pngRow undoes the filter of one row in place.
func pngRow(kind byte, row, above []byte, step int) {
	for i := range row {
		var left, corner byte
		if i >= step {
			left, corner = row[i-step], above[i-step]
		}
		switch kind {
		case 1:
			row[i] += left
		case 2:
			row[i] += above[i]
		case 3:
			row[i] += byte((int(left) + int(above[i])) / 2)
		case 4:
			row[i] += paeth(left, above[i], corner)
		}
	}
}

func paeth(a, b, c byte) byte {
	p := int(a) + int(b) - int(c)
	da, db, dc := diff(p, a), diff(p, b), diff(p, c)
	switch {
	case da <= db && da <= dc:
		return a
	case db <= dc:
		return b
	}
	return c
}

func diff(p int, b byte) int {
	if d := p - int(b); d >= 0 {
		return d
	}
	return int(b) - p
}
