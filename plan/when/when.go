// Package when reads time expressions of Chinese public documents: 2月底, 3-12月,
// 每季度至少1次, 七一前. It is pure: text and the day of issue in, meanings out.
package when

import (
	"duban/engine/calendar"
	"duban/plan"
)

// Context is what a bare expression is read against.
type Context struct {
	Issued calendar.Date      // the day of issue; "今年" and "3日内" count from it
	Year   int                // the year that bare months belong to; 0: that of Issued
	Cal    *calendar.Calendar // work days and, where it has them, school terms; nil: weekends alone, no terms
}

// Found is one expression in a text.
type Found struct {
	plan.Deadline        // Text is verbatim
	From, To      int    // bytes in the text
	Rule          string // the rule of the grammar that read it
}

// Find reads all time expressions of a text, in order. What names no deadline
// (editions, titles, congresses, reports of the past) is left out. Expressions
// further on may take year and month from those before them.
func Find(text string, c Context) []Found { return nil }

// Column reads the cell of a table's deadline column, where a bare month or date
// is a deadline.
func Column(text string, c Context) []Found { return nil }

// Explain is the meaning of one expression in a Chinese sentence, with the rule
// that applied.
func Explain(f Found, c Context) string { return "" }
