package source

// readText makes a block of every line that says something.
func readText(text string) (*Document, error) {
	b := builder{budget: newBudget()}
	err := lines(text, func(n int, line string) error {
		return b.paragraph(line, Place{Line: n})
	})
	if err != nil {
		return nil, err
	}
	return &Document{Format: Text, Blocks: b.blocks}, nil
}
