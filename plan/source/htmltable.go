package source

import "golang.org/x/net/html"

// The tables of a page. Their end tags may be missing, as HTML allows: a cell
// ends where the next one begins.

func (h *htmlReader) startTable() error {
	if err := h.flush(); err != nil {
		return err
	}
	if len(h.tables) >= maxDepth {
		return refuse("网页内部嵌套太深，不像正常文档", "请重新保存网页，或把文字复制到 Word 文件中")
	}
	h.tables = append(h.tables, &htmlTable{grid: &grid{budget: h.out.budget}})
	return nil
}

func (h *htmlReader) open() *htmlTable {
	if len(h.tables) == 0 {
		return nil
	}
	return h.tables[len(h.tables)-1]
}

func (h *htmlReader) startRow() error {
	if err := h.endRow(); err != nil {
		return err
	}
	if t := h.open(); t != nil {
		t.row = true
		t.grid.row()
	}
	return nil
}

func (h *htmlReader) startCell(tag html.Token) error {
	if err := h.endCell(); err != nil {
		return err
	}
	t := h.open()
	if t == nil {
		return nil
	}
	if !t.row {
		if err := h.startRow(); err != nil {
			return err
		}
	}
	t.cell = &builder{budget: h.out.budget}
	t.cols, t.span = max(1, atoi(attr(tag, "colspan"))), 1
	switch s := attr(tag, "rowspan"); s {
	case "":
	case "0": // to the end of the table
		t.span = maxCells
	default:
		t.span = max(1, atoi(s))
	}
	return nil
}

func (h *htmlReader) endCell() error {
	if err := h.flush(); err != nil {
		return err
	}
	t := h.open()
	if t == nil || t.cell == nil {
		return nil
	}
	blocks := t.cell.blocks
	t.cell = nil
	return t.grid.add(blocks, t.cols, t.span)
}

func (h *htmlReader) endRow() error {
	if err := h.endCell(); err != nil {
		return err
	}
	t := h.open()
	if t == nil || !t.row {
		return nil
	}
	t.row = false
	return t.grid.endRow()
}

func (h *htmlReader) endTable() error {
	if err := h.endRow(); err != nil {
		return err
	}
	t := h.open()
	if t == nil {
		return nil
	}
	h.tables = h.tables[:len(h.tables)-1]
	return t.grid.finish(h.sink(), Place{})
}
