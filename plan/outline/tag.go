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
	return s.unclosedTags(out, open)
}

// unclosedTags adds the tags whose bracket was never closed: they go on to the
// end of the line.
func (s *sheet) unclosedTags(tags []tag, open []int) []tag {
	for _, from := range open {
		end := s.lines[s.line(from)].to
		if end-from > longestTag || inside(tags, from) {
			continue
		}
		inner := s.trim(span{from + utf8.RuneLen(first(s.text[from:])), end})
		inner.to -= len(s.text[inner.from:inner.to]) - len(strings.TrimRight(s.text[inner.from:inner.to], "。；"))
		if parts := s.tagParts(inner); len(parts) > 0 {
			tags = append(tags, tag{at: span{from, end}, parts: parts})
			sort.SliceStable(tags, func(i, j int) bool { return tags[i].at.from < tags[j].at.from })
		}
	}
	return tags
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
		boundary = in("，,；;。、.．\n"+dashes+closers, r) || isBlank(r)
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
