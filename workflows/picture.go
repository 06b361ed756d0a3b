package workflows

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"duban/engine"
)

// events are the names of the shipped definitions' events on screens, in the
// order in which an assignment usually meets them.
var events = []struct {
	kind engine.EventKind
	name string
}{
	{"set_date", "定日期"},
	{"acknowledge", "签收"},
	{"report", "反馈"},
	{"tick", "登记"},
	{"request_close", "申请办结"},
	{"contest", "申请调整"},
	{"ask_extension", "申请延期"},
	{"extend", "延期"},
	{"refuse", "不予同意"},
	{"close", "办结"},
	{"return", "退回补正"},
	{"suspend", "暂缓"},
	{"resume", "恢复办理"},
	{"reassign", "改派"},
	{"instruct", "批示"},
	{"remind", "催办"},
	{"phone", "电话催办"},
	{"checked", "核对完毕"},
	{"draft", "起草"},
	{"approve", "审批"},
	{"publish", "印发"},
	{"reopen", "重新办理"},
	{"cancel", "撤销"},
	{engine.EventChildDone, "下级办结"},
	{engine.EventChildReopened, "下级重新办理"},
}

// EventName is an event's name on screens, 签收 for acknowledge; the event itself
// when the shipped definitions do not know it.
func EventName(event engine.EventKind) string {
	if i := eventRank(event); i < len(events) {
		return events[i].name
	}
	return string(event)
}

func eventRank(event engine.EventKind) int {
	for i, e := range events {
		if e.kind == event {
			return i
		}
	}
	return len(events)
}

// Mermaid draws a definition's states as a Mermaid stateDiagram-v2 with Chinese
// titles. What stays in a state is left out; [Table] lists it. The same
// definition always gives the same text.
func Mermaid(d *engine.Definition) string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	for _, name := range d.Order {
		fmt.Fprintf(&b, "    state \"%s\" as %s\n", label(d.States[name].Title), node(string(name)))
	}
	for _, a := range arrows(d) {
		fmt.Fprintf(&b, "    %s --> %s", a.from, a.to)
		if len(a.labels) > 0 {
			b.WriteString(": " + label(strings.Join(a.labels, "、")))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

type arrow struct {
	from, to string
	labels   []string
}

const outside = "[*]"

// arrows joins all ways between two states into one arrow.
func arrows(d *engine.Definition) []arrow {
	var out []arrow
	add := func(from, to, label string) {
		i := slices.IndexFunc(out, func(a arrow) bool { return a.from == from && a.to == to })
		if i < 0 {
			i = len(out)
			out = append(out, arrow{from: from, to: to})
		}
		if label != "" && !slices.Contains(out[i].labels, label) {
			out[i].labels = append(out[i].labels, label)
		}
	}
	for _, s := range d.Start {
		add(outside, node(string(s.To)), strings.TrimSpace(s.Name+condition(s.When)))
	}
	for _, name := range d.Order {
		from := node(string(name))
		for _, e := range sortedEvents(d.States[name]) {
			for _, m := range d.States[name].On[e] {
				if m.To != "" && m.To != name {
					add(from, node(string(m.To)), EventName(e)+condition(m.When))
				}
			}
		}
		for i := range d.Timers {
			if t := &d.Timers[i]; t.To != "" && slices.Contains(t.In, name) {
				add(from, node(string(t.To)), "到时（"+t.At.Text+"）")
			}
		}
		if d.States[name].Final {
			add(from, outside, "")
		}
	}
	return out
}

func condition(g *engine.Guard) string {
	if g == nil {
		return ""
	}
	return "（" + g.Text + "）"
}

func sortedEvents(s *engine.StateDef) []engine.EventKind {
	out := make([]engine.EventKind, 0, len(s.On))
	for e := range s.On {
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b engine.EventKind) int {
		return cmp.Or(eventRank(a)-eventRank(b), strings.Compare(string(a), string(b)))
	})
	return out
}

// label replaces the signs that Mermaid or Markdown would take for their own.
var label = strings.NewReplacer("<=", "≤", ">=", "≥", "<", "＜", ">", "＞", ":", "：", ";", "；",
	`"`, "”", "#", "＃", "|", "｜", "\n", " ").Replace

// node is a state's name as Mermaid takes it.
func node(name string) string {
	name = strings.ReplaceAll(name, "-", "_")
	switch name {
	case "state", "note", "end", "direction", "as", "class", "default":
		return name + "_"
	}
	return name
}

// Table lists a definition's states with what is possible in each, as a
// Markdown table for the documentation.
func Table(d *engine.Definition) string {
	var b strings.Builder
	b.WriteString("| 状态 | 代码 | 可以做什么 | 定时 |\n|---|---|---|---|\n")
	for _, name := range d.Order {
		s := d.States[name]
		title := label(s.Title)
		if s.Final {
			title += "（终）"
		}
		fmt.Fprintf(&b, "| %s | `%s` | %s | %s |\n", title, name, acts(d, s), timers(d, name))
	}
	return b.String()
}

func acts(d *engine.Definition, s *engine.StateDef) string {
	var out []string
	for _, e := range sortedEvents(s) {
		var targets []string
		for _, m := range s.On[e] {
			if to := d.States[m.To]; to != nil && m.To != s.Name && !slices.Contains(targets, to.Title) {
				targets = append(targets, to.Title)
			}
		}
		act := EventName(e)
		if len(targets) > 0 {
			act += " → " + strings.Join(targets, " / ")
		}
		out = append(out, label(act))
	}
	return strings.Join(out, "；")
}

func timers(d *engine.Definition, state engine.State) string {
	var out []string
	for i := range d.Timers {
		t := &d.Timers[i]
		if !slices.Contains(t.In, state) {
			continue
		}
		s := fmt.Sprintf("`%s` %s", t.Name, t.At.Text)
		if t.Times > 1 {
			s += fmt.Sprintf("，每%d%s，共%d次", t.Every.N, t.Every.Unit, t.Times)
		}
		out = append(out, s)
	}
	return strings.Join(out, "；")
}
