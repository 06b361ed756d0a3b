// Package fault reads what people write, YAML and JSON, and says what is wrong
// with it: every fault at once, each with file, line and column.
package fault

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Fault is one thing wrong in a file. Line and Column count from 1, columns in
// characters; 0 means that there is no position to point at.
type Fault struct {
	File         string
	Line, Column int
	What         string // what is wrong
	Hint         string // what to do about it
}

// Error is "file:line:column: what; hint" on one line, without the parts that
// are empty.
func (f Fault) Error() string {
	var b strings.Builder
	if f.File != "" {
		b.WriteString(f.File + ":")
	}
	if f.Line > 0 {
		b.WriteString(strconv.Itoa(f.Line) + ":" + strconv.Itoa(f.Column) + ":")
	}
	if b.Len() > 0 {
		b.WriteByte(' ')
	}
	b.WriteString(f.What)
	if f.Hint != "" {
		b.WriteString("; " + f.Hint)
	}
	return strings.NewReplacer("\r", " ", "\n", " ").Replace(b.String())
}

// List is all faults of one or more files.
type List []Fault

// Error is one line a fault.
func (l List) Error() string {
	lines := make([]string, len(l))
	for i, f := range l {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// Err is the list as an error, or nil when it is empty.
func (l List) Err() error {
	if len(l) == 0 {
		return nil
	}
	return l
}

// Sort orders by file, line and column.
func (l List) Sort() {
	slices.SortStableFunc(l, func(a, b Fault) int {
		return cmp.Or(
			strings.Compare(a.File, b.File),
			cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column),
			strings.Compare(a.What, b.What),
		)
	})
}
