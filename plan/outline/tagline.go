package outline

import (
	"strings"
	"unicode/utf8"
)

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
		clear := prev == utf8.RuneError || in("。；;"+dashes+closers, prev) || len(roles) > 0 || f.at.to-f.at.from > len("责任人：")
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
		out = append(out, tag{at: span{s.dashesBefore(f.at.from, l.from), end}, parts: s.rolesParts(roles[i:i+1], end), plain: true})
	}
	return out
}

// dashes may stand before a word of responsibility: ——责任单位：.
const dashes = "—－–-"

// dashesBefore is where the dashes before an offset begin; they belong to the tag.
func (s *sheet) dashesBefore(at, from int) int {
	return from + len(strings.TrimRight(s.text[from:at], dashes+" "))
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
