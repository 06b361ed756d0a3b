package source

import (
	"slices"
	"strconv"
	"strings"
)

// The workbook is read with archive/zip and encoding/xml like a docx: then one
// count of unpacked bytes and one bound of depth hold for both, and no more of a
// sheet is in memory than its cells with text. A library for workbooks trusts
// the sizes that the zip states and keeps every part.

// xlsxReader reads the sheets of a workbook.
type xlsxReader struct {
	*builder
	a       *archive
	strings []string // the shared texts
	formats []string // by style
	since04 bool     // days count from 1904
}

func readXlsx(a *archive) (*Document, error) {
	x := &xlsxReader{builder: &builder{budget: newBudget()}, a: a}
	part, err := a.mainPart("xl/workbook.xml")
	if err != nil {
		return nil, err
	}
	sheets, err := x.workbook(part)
	if err != nil {
		return nil, err
	}
	for i, sheet := range sheets {
		if sheet == "" { // hidden
			continue
		}
		if err := x.sheet(sheet, i+1); err != nil {
			return nil, err
		}
	}
	return &Document{Format: Xlsx, Blocks: x.blocks}, nil
}

// workbook returns the parts of the sheets in their order, "" for a hidden one,
// and reads what they share.
func (x *xlsxReader) workbook(part string) ([]string, error) {
	rels, err := x.a.relations(part)
	if err != nil {
		return nil, err
	}
	var sheets []string
	err = x.a.walk(part, func(_ *xmlReader, e element) error {
		switch e.Name.Local {
		case "workbookPr":
			v := e.get("date1904")
			x.since04 = v == "1" || v == "true"
		case "sheet":
			target := rels[e.get("id")].target
			if s := e.get("state"); s == "hidden" || s == "veryHidden" || !x.a.has(target) {
				target = ""
			}
			sheets = append(sheets, target)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, r := range rels {
		switch {
		case strings.HasSuffix(r.kind, "/sharedStrings") && x.a.has(r.target):
			err = x.shared(r.target)
		case strings.HasSuffix(r.kind, "/styles") && x.a.has(r.target):
			err = x.styles(r.target)
		}
		if err != nil {
			return nil, err
		}
	}
	return sheets, nil
}

func (x *xlsxReader) shared(part string) error {
	return x.a.walk(part, func(r *xmlReader, e element) error {
		if e.Name.Local != "si" {
			return nil
		}
		s, err := richText(r)
		x.strings = append(x.strings, s)
		return err
	})
}

// richText joins the runs of a text; how it is pronounced is left out.
func richText(r *xmlReader) (string, error) {
	var b strings.Builder
	var parts func(e element) error
	parts = func(e element) error {
		switch e.Name.Local {
		case "t":
			s, err := r.text()
			b.WriteString(s)
			return err
		case "rPh":
			return r.skip()
		}
		return r.each(parts)
	}
	err := r.each(parts)
	return strings.ReplaceAll(b.String(), "_x000D_", ""), err // a CR as XML cannot write it
}

// styles reads the number format of every style.
func (x *xlsxReader) styles(part string) error {
	own := map[int]string{}
	return x.a.walk(part, func(r *xmlReader, e element) error {
		switch e.Name.Local {
		case "numFmt":
			own[atoi(e.get("numFmtId"))] = e.get("formatCode")
		case "cellXfs":
			return r.each(func(e element) error {
				id := atoi(e.get("numFmtId"))
				code, ok := own[id]
				if !ok {
					code = builtinFormats[id]
				}
				x.formats = append(x.formats, code)
				return r.skip()
			})
		}
		return nil
	})
}

// sheetRow is a row with text.
type sheetRow struct {
	n     int
	cells []sheetCell
}

// sheetCell is a cell with text.
type sheetCell struct {
	col  int
	text string
}

// area is a merged range, ends included.
type area struct{ row, col, toRow, toCol int }

func (x *xlsxReader) sheet(part string, n int) error {
	var rows []sheetRow
	var merged []area
	err := x.a.walk(part, func(r *xmlReader, e element) error {
		switch e.Name.Local {
		case "row":
			last := 0
			if len(rows) > 0 {
				last = rows[len(rows)-1].n
			}
			row, err := x.row(r, e, last+1)
			if len(row.cells) > 0 {
				rows = append(rows, row)
			}
			return err
		case "mergeCell":
			if a, ok := parseArea(e.get("ref")); ok {
				merged = append(merged, a)
			}
		}
		return nil
	})
	if err != nil || len(rows) == 0 {
		return err
	}
	slices.SortStableFunc(rows, func(a, b sheetRow) int { return a.n - b.n })
	table, err := x.lay(rows, merged)
	if err != nil {
		return err
	}
	return x.table(table, func(i int) Place { return Place{Page: n, Line: rows[i].n} })
}

func (x *xlsxReader) row(r *xmlReader, e element, usual int) (sheetRow, error) {
	row := sheetRow{n: usual}
	if n := atoi(e.get("r")); n > 0 {
		row.n = n
	}
	col := 0
	return row, r.each(func(e element) error {
		if e.Name.Local != "c" {
			return r.skip()
		}
		if _, c, ok := parseRef(e.get("r")); ok {
			col = c
		} else {
			col++
		}
		text, err := x.value(r, e)
		if err != nil {
			return err
		}
		if text = cellText(text); text == "" {
			return nil
		}
		x.text -= len(text)
		row.cells = append(row.cells, sheetCell{col, text})
		return x.cell(1)
	})
}

// cellText cleans each line of a cell.
func cellText(s string) string {
	var out []string
	for s != "" {
		var line string
		line, s = cutLine(s)
		if line = clean(line); line != "" {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

// value reads a cell as it is shown.
func (x *xlsxReader) value(r *xmlReader, e element) (string, error) {
	kind, style := e.get("t"), atoi(e.get("s"))
	var v, inline string
	err := r.each(func(e element) (err error) {
		switch e.Name.Local {
		case "v":
			v, err = r.text()
			return err
		case "is":
			inline, err = richText(r)
			return err
		}
		return r.skip()
	})
	if err != nil {
		return "", err
	}
	switch kind {
	case "s":
		if i, err := strconv.Atoi(strings.TrimSpace(v)); err == nil && i >= 0 && i < len(x.strings) {
			return x.strings[i], nil
		}
		return "", nil
	case "inlineStr":
		return inline, nil
	case "str":
		return v, nil
	case "e": // #N/A and the like say nothing
		return "", nil
	case "b":
		return map[string]string{"1": "TRUE", "0": "FALSE"}[v], nil
	}
	code := ""
	if style >= 0 && style < len(x.formats) {
		code = x.formats[style]
	}
	return formatValue(strings.TrimSpace(v), code, x.since04), nil
}

// lay puts the cells in rows and columns; empty ones are left out.
func (x *xlsxReader) lay(rows []sheetRow, merged []area) ([][]Cell, error) {
	if x.text < 0 {
		return nil, refuse("文字超过 20 MB", "请拆成几个文件")
	}
	cols := columns(rows)
	if err := x.cell(len(rows) * len(cols)); err != nil {
		return nil, err
	}
	out := make([][]Cell, len(rows))
	for i, r := range rows {
		out[i] = make([]Cell, len(cols))
		for _, c := range r.cells {
			at, _ := slices.BinarySearch(cols, c.col)
			out[i][at].Text = c.text
		}
	}
	for _, a := range merged {
		if err := x.merge(out, rows, cols, a); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// merge repeats the text of a merged range in all its places.
func (x *xlsxReader) merge(out [][]Cell, rows []sheetRow, cols []int, a area) error {
	r, found := slices.BinarySearchFunc(rows, a.row, func(r sheetRow, n int) int { return r.n - n })
	c, used := slices.BinarySearch(cols, a.col)
	if !found || !used {
		return nil
	}
	for i := r; i < len(rows) && rows[i].n <= a.toRow; i++ {
		for j := c; j < len(cols) && cols[j] <= a.toCol; j++ {
			if err := x.cell(1); err != nil {
				return err
			}
			if i != r || j != c {
				out[i][j] = Cell{out[r][c].Text, true}
			}
		}
	}
	return nil
}

// columns lists the columns with text.
func columns(rows []sheetRow) []int {
	used := map[int]bool{}
	var out []int
	for _, r := range rows {
		for _, c := range r.cells {
			if !used[c.col] {
				used[c.col] = true
				out = append(out, c.col)
			}
		}
	}
	slices.Sort(out)
	return out
}

// parseRef reads B12 as row 12, column 2.
func parseRef(s string) (row, col int, ok bool) {
	i := 0
	for ; i < len(s) && i < 3 && s[i] >= 'A' && s[i] <= 'Z'; i++ {
		col = col*26 + int(s[i]-'A') + 1
	}
	row, err := strconv.Atoi(s[i:])
	return row, col, err == nil && i > 0 && row > 0
}

func parseArea(s string) (area, bool) {
	from, to, _ := strings.Cut(s, ":")
	r1, c1, ok1 := parseRef(from)
	r2, c2, ok2 := parseRef(to)
	return area{r1, c1, r2, c2}, ok1 && ok2
}
