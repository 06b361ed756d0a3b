package outline

import (
	"strings"
	"unicode/utf8"
)

// tails end a clause that says who acts, each with what it makes of them.
var tails = []struct {
	word string
	role role
}{
	{"牵头", leading}, {"主办", leading}, {"牵头组织", leading}, {"牵头落实", leading}, {"牵头实施", leading}, {"牵头组织实施", leading}, {"牵头负责", leading}, {"牵头抓总", leading},
	{"总牵头", leading}, {"主责", leading}, {"牵头推进", leading},
	{"配合", cooperating}, {"协同", cooperating}, {"协助", cooperating}, {"参与", cooperating}, {"参加", cooperating}, {"协办", cooperating}, {"协同配合", cooperating}, {"配合落实", cooperating}, {"按职责配合", cooperating},
	{"负责", responsible}, {"落实", responsible}, {"承担", responsible}, {"组织实施", responsible}, {"承办", responsible}, {"负责落实", responsible}, {"具体落实", responsible}, {"按职责分工", responsible},
	{"分别负责", responsible}, {"负责实施", responsible}, {"实施", responsible}, {"推进", responsible},
}

// adverbs stand between those who act and what they do.
var adverbs = []string{
	"按职责分工", "按照职责分工", "按职责", "按照职责", "根据职责分工", "依职责分工", "依职责", "依据职责", "按分工", "分工", "分别", "共同", "具体", "按各自职责", "按照各自职责", "结合各自职责",
	"根据职责", "各司其职", "积极", "密切", "主要", "统一", "按各自职责分工", "按照各自职责分工", "依法", "抓好", "按有关职责分工", "按工作职责", "组织", "予以", "协同", "按职能",
}

// withoutTail cuts 按职责分工负责 from the end of a list.
func (s *sheet) withoutTail(at span) span {
	_, n := tailOf(s.text[at.from:at.to])
	return s.trim(span{at.from, at.to - n})
}

// tailOf is the role that the end of a clause gives, and its length.
func tailOf(s string) (role, int) {
	s = strings.TrimRight(s, " \n")
	r, n := noRole, 0
	for _, t := range tails {
		if len(t.word) > n && strings.HasSuffix(s, t.word) {
			r, n = t.role, len(t.word)
		}
	}
	if n == 0 {
		return noRole, 0
	}
	for more := true; more; {
		more = false
		for _, a := range adverbs {
			if strings.HasSuffix(s[:len(s)-n], a) {
				n, more = n+len(a), true
				break
			}
		}
	}
	return r, n
}

// clauses reads （A牵头，B、C等按职责分工负责） and （A、B）; nil: it is no tag.
func (s *sheet) clauses(at span) []part {
	var parts []part
	from := at.from
	for _, c := range s.splitClauses(at) {
		r, n := tailOf(s.text[c.from:c.to])
		if words, ok := s.timeClause(c); ok {
			parts = append(parts, part{role: timeLimit, words: words})
			from = c.to
			continue
		}
		if n == 0 || n >= c.to-c.from {
			continue // the list goes on in the next clause
		}
		if together := s.together(span{from, c.to - n}); together != nil {
			parts = append(parts, together...)
			from = c.to
			continue
		}
		names, persons := parted(s.names(span{from, c.to - n}))
		if len(names) == 0 || !mostlyUnits(names) {
			return nil
		}
		if len(persons) > 0 {
			parts = append(parts, part{role: leader, names: persons})
		}
		parts = append(parts, part{role: r, names: names})
		from = c.to
	}
	for _, p := range parts {
		if p.role != timeLimit {
			return parts
		}
	}
	if s.standsAlone(at) {
		return s.unitsAlone(at)
	}
	return nil
}

// timeClause tells a clause that says by when: 9月底前完成, 持续推进.
func (s *sheet) timeClause(c span) (span, bool) {
	for c.from < c.to && in("，,；;。", first(s.text[c.from:])) {
		c.from += utf8.RuneLen(first(s.text[c.from:]))
	}
	c = s.trim(c)
	if !looksLikeTime(s.text[c.from:c.to]) {
		return c, false
	}
	_, n := tailOf(s.text[c.from:c.to])
	for _, u := range s.names(span{c.from, c.to - n}) {
		if isUnit(u.text) || isWildcard(u.text) {
			return c, false
		}
	}
	return c, true
}

// together reads A会同B: A leads, B cooperates. nil: it is not of that form.
func (s *sheet) together(at span) []part {
	i := strings.Index(s.text[at.from:at.to], "会同")
	if i < 0 {
		return nil
	}
	lead := s.names(span{at.from, at.from + i})
	if len(lead) == 0 || !allUnits(lead) {
		return nil
	}
	parts := []part{{role: leading, names: lead}}
	var with []name
	for _, n := range s.names(span{at.from + i + len("会同"), at.to}) {
		if !sumsUp(n.text) {
			with = append(with, n)
		}
	}
	return append(parts, part{role: cooperating, names: with})
}

// unitsAlone reads units in brackets without a word of responsibility, and a time
// behind them: （教务处、各学院，2023年6月）.
func (s *sheet) unitsAlone(at span) []part {
	clauses := s.splitClauses(at)
	var parts []part
	if c := clauses[len(clauses)-1]; len(clauses) > 1 {
		if words, ok := s.timeClause(c); ok {
			parts = append(parts, part{role: timeLimit, words: words})
			at.to = c.from
		}
	}
	names := s.names(at)
	if len(names) == 0 || !allUnits(names) {
		return nil
	}
	return append(parts, part{role: responsible, names: names})
}

func (s *sheet) splitClauses(at span) []span {
	var out []span
	depth, from := 0, at.from
	for i, r := range s.text[at.from:at.to] {
		switch {
		case in(openers, r):
			depth++
		case in(closers, r):
			depth--
		case depth == 0 && in("，,；;。", r):
			out = append(out, s.trim(span{from, at.from + i}))
			from = at.from + i
		}
	}
	return append(out, s.trim(span{from, at.to}))
}

// standsAlone tells a bracket at the end of a paragraph that does not belong to a
// name before it: units there are those responsible even if no word says so.
func (s *sheet) standsAlone(at span) bool {
	open := at.from
	for open > 0 && !in(openers, first(s.text[open:])) {
		_, n := utf8.DecodeLastRuneInString(s.text[:open])
		open -= n
	}
	end := at.to
	if end < len(s.text) {
		end += utf8.RuneLen(first(s.text[end:]))
	}
	if in("。", first(s.text[end:])) {
		end += len("。")
	}
	if at.from-open > 12 || end < len(s.text) && s.text[end] != '\n' {
		return false
	}
	from := max(0, open-36)
	for from < open && !utf8.RuneStart(s.text[from]) {
		from++
	}
	head := s.text[from:open]
	return head != "" && !strings.HasSuffix(head, "\n") && !endsWith(head, unitEnds)
}

// parted puts apart names of two or three characters that are no units: those of
// persons, who stand before the units: （何敏，县教育局牵头）.
func parted(all []name) (units, persons []name) {
	for i, n := range all {
		if i == len(units)+len(persons) && len(units) == 0 && len(all) > 1 && runes(n.text) >= 2 && runes(n.text) <= 3 && !isUnit(n.text) && !isWildcard(n.text) {
			persons = append(persons, n)
			continue
		}
		units = append(units, n)
	}
	return units, persons
}

func mostlyUnits(names []name) bool {
	n := 0
	for _, u := range names {
		if isUnit(u.text) || isWildcard(u.text) {
			n++
		}
	}
	return n*2 > len(names)
}

func allUnits(names []name) bool {
	for _, u := range names {
		if !isUnit(u.text) {
			return false
		}
	}
	return true
}
