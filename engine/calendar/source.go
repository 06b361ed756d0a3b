package calendar

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ParseFault is one thing wrong in a data file.
type ParseFault struct {
	File       string
	Line       int // from 1
	Column     int // from 1, in characters
	What, Hint string
}

// Error is file:line:column: what; hint.
func (f ParseFault) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s; %s", f.File, f.Line, f.Column, f.What, f.Hint)
}

// Faults are all the things wrong in a data file, in the order of its lines.
type Faults []ParseFault

// Err joins the faults into one error, one line each; nil when there is none.
func (f Faults) Err() error {
	var errs []error
	for _, one := range f {
		errs = append(errs, one)
	}
	return errors.Join(errs...)
}

// source reads the line-based text both data files are written in: words set
// apart by spaces; a word that begins with # opens a comment up to the end of
// the line; a byte order mark and Windows line ends do no harm.
type source struct {
	file   string
	faults Faults
}

// word is a word of a line and where it stands.
type word struct {
	text         string
	line, column int
}

func (s *source) fault(at word, what, hint string) {
	s.faults = append(s.faults, ParseFault{s.file, at.line, at.column, what, hint})
}

// each hands every line that has words to f.
func (s *source) each(text []byte, f func([]word)) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	n := 0
	for line := range bytes.Lines(text) {
		n++
		words := split(string(line), n)
		if !utf8.Valid(line) {
			s.fault(word{line: n, column: 1}, "the line is not UTF-8", "save the file as UTF-8")
		} else if len(words) > 0 {
			f(words)
		}
	}
}

func split(line string, n int) (words []word) {
	column, start := 0, -1
	for i, r := range line + "\n" {
		column++
		switch space := unicode.IsSpace(r); {
		case space && start >= 0:
			words[len(words)-1].text = line[start:i]
			start = -1
		case !space && start < 0 && r == '#':
			return words
		case !space && start < 0:
			start = i
			words = append(words, word{line: n, column: column})
		}
	}
	return words
}

// join is the text of words, one space between them.
func join(words []word) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = w.text
	}
	return strings.Join(texts, " ")
}

// span reads what follows the first word of a line: DAY [LAST-DAY] NAME.
func (s *source) span(w []word) (from, to Date, name string, ok bool) {
	if len(w) < 3 {
		s.fault(w[0], "the line is not complete", "write: "+w[0].text+" FIRST-DAY [LAST-DAY] NAME")
		return 0, 0, "", false
	}
	from, ok = s.date(w[1])
	to, rest := from, w[2:]
	if r := rest[0].text[0]; '0' <= r && r <= '9' {
		last, lastOK := s.date(rest[0])
		to, ok, rest = last, ok && lastOK, rest[1:]
	}
	switch {
	case !ok:
	case len(rest) == 0:
		s.fault(w[0], "the line has no name", "write the name behind the days")
		ok = false
	case to < from:
		s.fault(w[2], fmt.Sprintf("the last day %s is before the first, %s", to, from), "put the earlier day first")
		ok = false
	}
	return from, to, join(rest), ok
}

func (s *source) date(w word) (Date, bool) {
	d, err := ParseDate(w.text)
	switch {
	case err != nil:
		s.fault(w, fmt.Sprintf("bad date %q", w.text), "write a day that exists, like 2023-02-28")
		return 0, false
	case d.Year() < minYear || d.Year() > maxYear:
		s.fault(w, fmt.Sprintf("the year of %s is outside %d–%d", w.text, minYear, maxYear), "check the year")
		return 0, false
	}
	return d, true
}
