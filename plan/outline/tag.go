package outline

import (
	"sort"
	"strings"
	"unicode/utf8"
)

// tag is a mark of responsibility: （牵头部门：A，配合部门：B）, a line
// "责任单位：A", or （A牵头，B按职责分工负责）.
type tag struct {
	at    span
	parts []part
	plain bool // stands without brackets: it is no part of the item's text
}

// part is one role of a tag with those who have it.
type part struct {
	role  role
	names []name
	words span // of a time limit
}

// longestTag bounds what may stand between the brackets of a tag, in bytes.
const longestTag = 3000

// tags finds all marks of responsibility of the text, in order.
func (s *sheet) findTags() []tag {
	brackets := s.bracketTags()
	var plain []tag
	for i, l := range s.lines {
		if len(plain) > 0 && plain[len(plain)-1].at.to > l.from {
			continue // the units below a word of responsibility
		}
		plain = append(plain, s.lineTags(l, brackets)...)
		if k := len(plain) - 1; k >= 0 && plain[k].at.from >= l.from {
			s.takeBelow(&plain[k], i)
		}
	}
	tags := plain
	for _, t := range brackets {
		if !inside(plain, t.at.from) { // else it is part of a name there
			tags = append(tags, t)
		}
	}
	sort.SliceStable(tags, func(i, j int) bool { return tags[i].at.from < tags[j].at.from })
	return tags
}

// deepest is how many open brackets are remembered.
const deepest = 32

// bracketTags finds the tags in brackets in one pass. Of brackets within
// brackets the outermost that is a tag counts.
func (s *sheet) bracketTags() []tag {
	var out []tag
	var open []int
	for i, r := range s.text {
		switch {
		case in(openers, r):
			if open = append(open, i); len(open) > deepest {
				open = open[1:]
			}
		case in(closers, r) && len(open) > 0:
			from := open[len(open)-1]
			open = open[:len(open)-1]
			inner := span{from + utf8.RuneLen(first(s.text[from:])), i}
			if inner.to-inner.from > longestTag {
				continue
			}
			if parts := s.tagParts(inner); len(parts) > 0 {
				for len(out) > 0 && out[len(out)-1].at.from > from { // inside this one
					out = out[:len(out)-1]
				}
				out = append(out, tag{at: span{from, i + utf8.RuneLen(r)}, parts: parts})
			}
		}
	}
	return out
}

// tagParts reads what stands between brackets; nil: it is no tag.
func (s *sheet) tagParts(at span) []part {
	at = s.trim(at)
	text := s.text[at.from:at.to]
	if !mayBeTag(text) {
		return nil
	}
	roles := s.rolesIn(at, true)
	if len(roles) == 0 {
		return s.clauses(at)
	}
	var parts []part
	if head := s.trim(span{at.from, roles[0].at.from}); head.from < head.to {
		if parts = s.clauses(head); len(parts) == 0 {
			return nil
		}
	}
	return append(parts, s.rolesParts(roles, at.to)...)
}

// mayBeTag is a quick look that saves the rest for what may be a tag.
func mayBeTag(text string) bool {
	return strings.Contains(text, "责") || strings.Contains(text, "头") || strings.Contains(text, "办") ||
		strings.Contains(text, "配合") || strings.Contains(text, "协") || strings.Contains(text, "参") || strings.Contains(text, "落实") ||
		strings.Contains(text, "领导") || strings.Contains(text, "月") || strings.Contains(text, "时") || strings.Contains(text, "单位") || strings.Contains(text, "部门") || endsWith(text, unitEnds)
}

// found is a word of responsibility in the text, colon included.
type found struct {
	role role
	at   span
}

// rolesIn finds the words of responsibility of a span. Each stands at its
// beginning or after a mark.
func (s *sheet) rolesIn(at span, loose bool) []found {
	var out []found
	depth, boundary := 0, true
	for i := at.from; i < at.to; {
		r, n := utf8.DecodeRuneInString(s.text[i:])
		if depth == 0 && (boundary || in("【[〔", r)) && !isSpaceOrBlank(r) {
			role, w := roleAt(s.text[i:at.to])
			if w == 0 && loose {
				role, w = roleLoose(s.text[i:at.to])
			}
			if w > 0 {
				out = append(out, found{role, span{i, i + w}})
				i += w
				continue
			}
		}
		switch {
		case in(openers, r):
			depth++
		case in(closers, r):
			depth = max(0, depth-1)
		}
		boundary = in("，,；;。、.．\n"+closers, r) || isBlank(r)
		i += n
	}
	return out
}

func (s *sheet) rolesParts(roles []found, to int) []part {
	var parts []part
	for i, f := range roles {
		end := to
		if i+1 < len(roles) {
			end = roles[i+1].at.from
		}
		words := s.trimName(span{f.at.to, end})
		switch {
		case f.role == remark || words.from >= words.to:
		case f.role == timeLimit:
			parts = append(parts, part{role: f.role, words: words})
		default:
			parts = append(parts, part{role: f.role, names: s.names(s.withoutTail(words))})
		}
	}
	return parts
}

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
		if n == 0 || n >= c.to-c.from {
			continue // the list goes on in the next clause
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
	if len(parts) == 0 && s.standsAlone(at) {
		return s.unitsAlone(at)
	}
	return parts
}

// unitsAlone reads units in brackets without a word of responsibility, and a time
// behind them: （教务处、各学院，2023年6月）.
func (s *sheet) unitsAlone(at span) []part {
	clauses := s.splitClauses(at)
	var parts []part
	if c := clauses[len(clauses)-1]; len(clauses) > 1 {
		words := s.trim(span{c.from, c.to})
		for words.from < words.to && in("，,；;", first(s.text[words.from:])) {
			words.from += utf8.RuneLen(first(s.text[words.from:]))
		}
		if t := s.text[words.from:words.to]; looksLikeTime(t) && !isUnit(t) {
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

// lineTags finds the tags of a line that stand without brackets: a whole line, or
// the end of a paragraph after a full stop.
func (s *sheet) lineTags(l span, brackets []tag) []tag {
	line := s.text[l.from:l.to]
	if !strings.ContainsAny(line, colons+"】]") {
		return s.whoLine(l)
	}
	var roles []found
	for _, f := range s.rolesIn(l, false) {
		prev, _ := before(s.text[l.from:], f.at.from-l.from)
		clear := prev == utf8.RuneError || in("。；;"+closers, prev) || len(roles) > 0 || f.at.to-f.at.from > len("责任人：")
		if clear && !inside(brackets, f.at.from) && f.role != remark {
			roles = append(roles, f)
		}
	}
	if len(roles) == 0 {
		return nil
	}
	var out []tag
	for i, f := range roles {
		end := l.to
		if i+1 < len(roles) {
			end = roles[i+1].at.from
		} else if stop := strings.Index(s.text[f.at.to:end], "。"); stop >= 0 {
			end = f.at.to + stop + len("。")
		}
		out = append(out, tag{at: span{f.at.from, end}, parts: s.rolesParts(roles[i:i+1], end), plain: true})
	}
	return out
}

// whoLine reads a line that is nothing but who acts: 教务处牵头，学生处配合.
func (s *sheet) whoLine(l span) []tag {
	l = s.trim(l)
	text := strings.TrimRight(s.text[l.from:l.to], "。")
	if len(text) > 300 || l.from == 0 {
		return nil
	}
	if _, n := tailOf(text); n == 0 {
		return nil
	}
	parts := s.clauses(span{l.from, l.from + len(text)})
	for _, p := range parts {
		if !allUnits(p.names) && p.role != leader {
			return nil
		}
	}
	if len(parts) == 0 {
		return nil
	}
	return []tag{{at: l, parts: parts, plain: true}}
}

// takeBelow gives a tag at the end of a line, which names nobody, the units on the
// lines below it.
func (s *sheet) takeBelow(t *tag, line int) {
	if len(t.parts) > 0 {
		return
	}
	roles := s.rolesIn(t.at, false)
	if len(roles) != 1 || roles[0].role == timeLimit || roles[0].role == remark {
		return
	}
	p := part{role: roles[0].role}
	for i := line + 1; i < len(s.lines) && i <= line+mostBelow; i++ {
		l := s.trim(s.lines[i])
		if text := s.text[l.from:l.to]; !looksLikeUnits(text) && p.role != leader || len(text) > 200 || startsAfresh(text) {
			break
		}
		p.names = append(p.names, s.names(l)...)
		t.at.to = l.to
		if p.role == leader {
			break
		}
	}
	if len(p.names) > 0 {
		t.parts = []part{p}
	}
}

// mostBelow is how many lines of units may stand below a word of responsibility.
const mostBelow = 12

// inside tells whether an offset stands within one of the tags, which are in order.
func inside(tags []tag, at int) bool {
	i := sort.Search(len(tags), func(i int) bool { return tags[i].at.from > at }) - 1
	return i >= 0 && at < tags[i].at.to
}

// tagsIn are the tags that begin within a span.
func tagsIn(tags []tag, at span) []tag {
	i := sort.Search(len(tags), func(i int) bool { return tags[i].at.from >= at.from })
	j := i
	for j < len(tags) && tags[j].at.from < at.to {
		j++
	}
	return tags[i:j]
}
