package source

import "strings"

// readText makes a block of every line that says something. They are counted
// first: a slice that grows would cost twice the memory.
func readText(text string) (*Document, error) {
	n := 0
	count := func(_ int, line string) error {
		if strings.TrimSpace(line) != "" {
			n++
		}
		return nil
	}
	if err := lines(text, count); err != nil {
		return nil, err
	}
	b := builder{budget: newBudget(), blocks: make([]Block, 0, min(n, maxBlocks))}
	err := lines(text, func(n int, line string) error {
		return b.paragraph(line, Place{Line: n})
	})
	if err != nil {
		return nil, err
	}
	return &Document{Format: Text, Blocks: b.blocks}, nil
}
