package outline

import (
	"sort"
	"strings"
	"unicode/utf8"
)

// series follows the numbers of all levels. A number counts where it continues
// an open series, begins one, or takes up one that was left (（四） after 二、).
type series struct {
	open   [forms]int // the last number on each level; 0: closed
	memory [forms]int // the last number ever, since the part began
	any    bool
}

// reach is how many numbers may be missing between two lines.
const reach = 20

// takes says whether a number at the beginning of a line counts.
func (s *series) takes(m marker) bool {
	now, then := s.open[m.form], s.memory[m.form]
	switch {
	case m.form == month:
		return true
	case m.form == decimal || m.form == decimals: // 1.5万亩 begins a line, too
		return m.value == 1 || m.value == max(now, then)+1
	case m.value == 1:
		return true
	case now > 0:
		return m.value >= now && m.value <= now+reach
	case then > 0:
		return m.value > then && m.value <= then+reach
	}
	return !s.any || s.memory[m.form] == 0 && m.value <= reach && m.form >= arab // the text before was cut off
}

// continues says whether a number within a line counts: it must be the very next.
func (s *series) continues(m marker) bool {
	now, then := s.open[m.form], s.memory[m.form]
	if now > 0 {
		return m.value == now+1
	}
	return m.value == 1 || then > 0 && m.value == then+1
}

// take notes a number and closes the levels below.
func (s *series) take(m marker) {
	s.any = true
	s.open[m.form], s.memory[m.form] = m.value, m.value
	for f := m.form + 1; f < forms; f++ {
		s.open[f] = 0
		if m.form == chapter && f != article || m.form == month {
			s.memory[f] = 0
		}
	}
}

// candidate is a number that may be a heading's.
type candidate struct {
	marker
	starts bool // at the beginning of a line
	after  bool // after the end of a sentence, or a blank
}

// candidates finds everything that looks like a number of a heading.
func (s *sheet) candidates(c *cuts) []candidate {
	var out []candidate
	for i, l := range s.lines {
		if c.skip[i] {
			continue
		}
		at := skipBullets(s.text, l)
		if m, ok := monthLine(s.text[at:l.to]); ok {
			m.at, m.end = at, l.to
			out = append(out, candidate{marker: m, starts: true, after: true})
			continue
		}
		if m, ok := markerAt(s.text[:l.to], at); ok {
			out = append(out, candidate{marker: m, starts: true, after: true})
			at = m.end
		} else if m, ok := decimalAt(s.text[:l.to], at); ok {
			out = append(out, candidate{marker: m, starts: true, after: true})
			at = m.end
		} else if m, ok := lostAt(s.text[:l.to], at); ok {
			out = append(out, candidate{marker: m, starts: true, after: true})
			at = m.end
		}
		out = append(out, s.within(span{at, l.to})...)
	}
	return out
}

// within finds the numbers inside a line.
func (s *sheet) within(l span) []candidate {
	var out []candidate
	prev, sign := utf8.RuneError, utf8.RuneError // the last rune, and the last that is no blank
	for i := l.from; i < l.to; {
		r, n := utf8.DecodeRuneInString(s.text[i:])
		if mayBeMarker(r, prev) {
			after := in(enders+closers+colons+"”》.", sign) || isBlank(prev)
			if m, ok := markerAt(s.text[:l.to], i); ok {
				out = append(out, candidate{marker: m, after: after})
				n = m.end - i
			} else if m, ok := lostAt(s.text[:l.to], i); ok && in("。"+closers, sign) {
				out = append(out, candidate{marker: m, after: true})
			}
			r, _ = utf8.DecodeLastRuneInString(s.text[:i+n])
		}
		if prev = r; !isBlank(r) {
			sign = r
		}
		i += n
	}
	return out
}

func mayBeMarker(r, prev rune) bool {
	switch {
	case in("（(〔.．", r), r >= '㈠' && r <= '㈩', r >= '⒈' && r <= '⒛':
		return true
	case isDigit(r):
		return !isDigit(prev) && !in(".-—第〔（(", prev) && (prev > 'z' || prev == utf8.RuneError || in(")] ", prev))
	case in(hanDigits+"十", r):
		return !in(hanDigits+"十百第、（(", prev)
	}
	return false
}

// lostAt reads a dot that is all that is left of a number: ".做好服务工作。"
func lostAt(s string, at int) (marker, bool) {
	r, n := utf8.DecodeRuneInString(s[at:])
	if !in(".．", r) || !isWide(first(s[at+n:])) || in("，。；：、）”", first(s[at+n:])) {
		return marker{}, false
	}
	return marker{form: arab, at: at, end: at + n, lost: true}, true
}

// skipBullets is where the words of a line begin, behind blanks and signs.
func skipBullets(s string, l span) int {
	at := l.from
	for at < l.to {
		r, n := utf8.DecodeRuneInString(s[at:])
		if !isBlank(r) && !in("★☆▲●○◆◇■□※*#>", r) {
			break
		}
		at += n
	}
	return at
}

// structure picks the numbers that make the hierarchy. Where the lines of the
// document begin with them, those count, and of the others only what fills a
// gap; where the text runs on without lines, all that continue a series.
func (s *sheet) structure(c *cuts, tags []tag) []marker {
	all := withoutFine(withDecimals(s.candidates(c)))
	lined := s.choose(all, c, s.inline(all, tags))
	if len(lined) >= 3 && len(s.text) < longLine*len(s.lines) {
		return lined
	}
	var every [forms]bool
	for f := range every {
		every[f] = true
	}
	flowing := s.choose(all, c, every)
	if len(flowing) >= 3 && len(flowing) >= 2*len(lined) {
		return flowing
	}
	return lined
}

// inline says which levels are found inside the lines: those whose numbers never
// begin one, but follow the tag of the item before.
func (s *sheet) inline(all []candidate, tags []tag) (flowing [forms]bool) {
	ends := map[int]bool{}
	for _, t := range tags {
		ends[t.at.to] = true
	}
	var starts, behind [forms]int
	for _, m := range all {
		if _, at := before(s.text, m.at); m.starts {
			starts[m.form]++
		} else if at < m.at && ends[at+utf8.RuneLen(first(s.text[at:]))] {
			behind[m.form]++
		}
	}
	for f := range flowing {
		flowing[f] = starts[f] == 0 && behind[f] >= 2
	}
	return flowing
}

// longLine is a mean length of paragraphs, in bytes, beyond which headings may
// stand inside them.
const longLine = 1200

// withoutFine drops (1) unless it is the only level below the first: where
// there are others it numbers the parts of a text.
func withoutFine(all []candidate) []candidate {
	middle, months := 0, 0
	for _, c := range all {
		if c.starts && c.form >= hanParen && c.form <= decimals && c.form != month && c.form != article || c.form == hanParen && c.after {
			middle++
		}
		if c.form == month {
			months++
		}
	}
	out := all[:0:0]
	for _, c := range all {
		if c.form == arabParen && (middle > 0 || !c.starts) || c.form == month && months < 2 {
			continue
		}
		out = append(out, c)
	}
	return out
}

// choose runs the grammar over the candidates.
func (s *sheet) choose(all []candidate, c *cuts, flowing [forms]bool) []marker {
	var g series
	var out []marker
	var waiting []candidate // inside lines since the last number taken
	part := 0
	for _, m := range all {
		for part < len(c.attach) && c.attach[part].at.from <= m.at {
			g, waiting = series{}, nil
			part++
		}
		if !s.headed(m, out) {
			continue
		}
		if m.lost {
			if g.open[arab] == 0 {
				continue
			}
			m.value = g.open[arab] + 1
			m.label = label(arab, m.value)
		}
		ok := false
		if m.starts {
			if ok = g.takes(m.marker); ok {
				out = g.fill(out, waiting, m.marker)
			}
		} else if flowing[m.form] {
			ok = g.continues(m.marker) && (m.after || s.inHeading(m.marker, out))
		} else if len(waiting) < 64 && m.after && m.form <= arab {
			waiting = append(waiting, m)
		}
		if ok {
			g.take(m.marker)
			out = append(out, m.marker)
			waiting = waiting[:0]
		}
	}
	return out
}

// fill takes numbers from inside the lines that are missing before m.
func (s *series) fill(out []marker, waiting []candidate, m marker) []marker {
	if s.open[m.form] == 0 && m.value == s.memory[m.form]+1 {
		return out // it takes up the series that was left: nothing is missing
	}
	for _, w := range waiting {
		if w.form == m.form && w.value == s.open[m.form]+1 && w.value < m.value {
			out = append(out, w.marker)
			s.open[m.form] = w.value
		}
	}
	return out
}

// headed says whether words follow the number: "一、二、三等奖" is a list.
func (s *sheet) headed(m candidate, out []marker) bool {
	if m.form == month {
		return true
	}
	rest := s.text[m.end:]
	i := skipBlank(rest, 0, min(len(rest), 12))
	r := first(rest[i:])
	if i >= len(rest) || r == '\n' {
		return m.starts
	}
	if in("、，,。；;）)%％", r) {
		return false
	}
	if m.form == han {
		_, n := hanNumber(rest[i:])
		return n == 0 || !in("、", first(rest[i+n:]))
	}
	return true
}

// headingReach is how long a heading may be, in bytes, that the next number
// follows without a mark between.
const headingReach = 240

// inHeading says whether a number follows the words of a heading, as the first
// item of a section does in a text without lines.
func (s *sheet) inHeading(m marker, out []marker) bool {
	if len(out) == 0 {
		return false
	}
	prev := out[len(out)-1]
	return prev.form < m.form && m.at-prev.end < headingReach && !strings.ContainsAny(s.text[prev.end:m.at], "。；")
}

// node is a heading with what stands under it.
type node struct {
	mark     marker
	own      span // its words up to the next heading
	full     span // with those of all headings below
	children []*node
	part     *attachment // of an attachment's node
	skipped  int         // numbers missing before it
}

// tree puts the headings in their order.
func (s *sheet) tree(marks []marker, c *cuts) *node {
	root := &node{full: span{0, len(s.text)}}
	stack := []*node{root}
	turns := events(marks, c)
	for i, e := range turns {
		if i == 0 {
			root.own = span{0, e.at}
		}
		next := len(s.text)
		if i+1 < len(turns) {
			next = turns[i+1].at
		}
		switch {
		case e.part != nil:
			n := &node{part: e.part, own: span{e.part.at.to, max(next, e.part.at.to)}}
			n.full = n.own
			root.children = append(root.children, n)
			stack = []*node{root, n}
		case e.mark != nil:
			stack = hang(stack, &node{mark: *e.mark, own: span{e.mark.end, max(next, e.mark.end)}})
		}
	}
	if len(turns) == 0 {
		root.own = root.full
	}
	return root
}

// events are all turns of the text in order.
func events(marks []marker, c *cuts) []event {
	out := make([]event, 0, len(marks)+len(c.attach)+len(c.stops))
	for i := range marks {
		out = append(out, event{at: marks[i].at, mark: &marks[i]})
	}
	for i := range c.attach {
		out = append(out, event{at: c.attach[i].at.from, part: &c.attach[i]})
	}
	for _, at := range c.stops {
		out = append(out, event{at: at})
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].at < out[j].at })
	return out
}

// hang puts a heading under the last one of a higher level.
func hang(stack []*node, n *node) []*node {
	for len(stack) > 1 && stack[len(stack)-1].part == nil && stack[len(stack)-1].mark.form >= n.mark.form {
		stack = stack[:len(stack)-1]
	}
	n.full = n.own
	up := stack[len(stack)-1]
	if k := len(up.children); k > 0 && up.children[k-1].mark.form == n.mark.form && n.mark.form != month {
		n.skipped = max(0, n.mark.value-up.children[k-1].mark.value-1)
	}
	up.children = append(up.children, n)
	stack = append(stack, n)
	for _, above := range stack[1:] {
		above.full.to = n.own.to
	}
	return stack
}

// event is a place where the text takes a turn: a number, an attachment, a stop.
type event struct {
	at   int
	mark *marker
	part *attachment
}
