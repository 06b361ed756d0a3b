package control

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"duban/engine"
	"duban/engine/calendar"
	"duban/engine/fault"
	"duban/engine/org"
	"duban/engine/store"
	"duban/scheduler"
)

// Act is what a person does to an assignment.
type Act struct {
	Slip    string            `json:"slip"`
	Event   string            `json:"event"`
	By      string            `json:"by"` // person id, full name, or mail address
	Data    map[string]string `json:"data,omitempty"`
	Version int               `json:"version,omitempty"` // the version the person saw; 0: whatever it is now
}

// Acted is the assignment after an act.
type Acted struct {
	Slip      string        `json:"slip"`
	By        string        `json:"by"` // person id
	State     engine.State  `json:"state"`
	Title     string        `json:"title"` // of the state: 办理中
	Version   int           `json:"version"`
	Unit      string        `json:"unit"`
	Heading   string        `json:"heading"`
	Due       calendar.Date `json:"due,omitempty"`
	Effective calendar.Date `json:"effective,omitempty"`
	Next      []Next        `json:"next"`
}

// Next is a timer that will fire.
type Next struct {
	At    string `json:"at"` // RFC 3339, in the office's zone
	Timer string `json:"timer"`
	What  string `json:"what"` // in Chinese: 提醒, 亮黄灯
}

// nextShown is how many timers an answer names.
const nextShown = 5

func (d desk) act(ctx context.Context, a Act) (Acted, error) {
	person, err := d.person(a.By)
	if err != nil {
		return Acted{}, err
	}
	kind := engine.EventKind(a.Event)
	switch kind {
	case engine.EventStart, engine.EventTimer, engine.EventChildDone, engine.EventChildReopened:
		return Acted{}, &Problem{Kind: Usage, Words: fmt.Sprintf("%q happens by itself, nobody does it", a.Event)}
	}
	in, err := d.Act(ctx, a.Slip, kind, person.ID, a.Data, a.Version)
	if err != nil {
		return Acted{}, d.refused(ctx, a, err)
	}
	def, err := d.Runner.Definition(in.DefHash)
	if err != nil {
		return Acted{}, err
	}
	return Acted{Slip: in.Slip, By: person.ID, State: in.State, Title: stateTitle(def, in.State), Version: in.Version,
		Unit: in.Unit, Heading: in.Heading, Due: in.Due, Effective: in.Effective, Next: d.next(def, &in)}, nil
}

// refused puts an error of an act into words for the person at the keyboard.
func (d desk) refused(ctx context.Context, a Act, err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return &Problem{Kind: Usage, Words: fmt.Sprintf("没有编号为 %q 的督办件；编号形如 2023-0005", a.Slip)}
	}
	if c, ok := errors.AsType[*store.Conflict](err); ok {
		return &Problem{Kind: Conflict, Words: fmt.Sprintf("%s 已由%s于 %s 办理（%s），请先看清现状再办",
			c.Slip, c.By, c.At.In(d.Calendar.Location()).Format("2006-01-02 15:04"), c.Kind)}
	}
	r, ok := scheduler.IsRefusal(err)
	if !ok {
		return err
	}
	p := &Problem{Kind: Refused, Words: a.Slip + "：" + r.Hint}
	if r.Code == "unknown_event" {
		p.Kind = Usage
	}
	if r.Code == "unknown_event" || r.Code == "not_now" {
		p.Words += d.possible(ctx, a.Slip)
	}
	return p
}

// possible lists the acts that the state of an assignment knows, or nothing.
func (d desk) possible(ctx context.Context, slip string) string {
	all, err := d.DB.Instances(ctx, store.Filter{Open: true})
	if err != nil {
		return ""
	}
	i := slices.IndexFunc(all, func(in engine.Instance) bool { return in.Slip == slip })
	if i < 0 {
		return ""
	}
	def, err := d.Runner.Definition(all[i].DefHash)
	if err != nil || def.States[all[i].State] == nil {
		return ""
	}
	var names []string
	for _, k := range slices.Sorted(maps.Keys(def.States[all[i].State].On)) {
		if k != engine.EventChildDone && k != engine.EventChildReopened {
			names = append(names, string(k))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "；现在可以：" + strings.Join(names, "、")
}

// person finds who is meant by an id, a mail address, or a name that only one
// person bears.
func (d desk) person(by string) (org.Person, error) {
	if p, ok := d.Org.Person(by); ok {
		return p, nil
	}
	if p, ok := d.Org.PersonByAddress(by); ok && strings.Contains(by, "@") {
		return p, nil
	}
	var named []org.Person
	var known []string
	for _, p := range d.Org.People {
		known = append(known, p.ID, p.Name)
		if p.Name == by {
			named = append(named, p)
		}
	}
	switch len(named) {
	case 1:
		return named[0], nil
	case 0:
		hint := "name an id, a full name or a mail address"
		if near := fault.Nearest(by, known); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		return org.Person{}, &Problem{Kind: Usage, Words: fmt.Sprintf("person %q is not in the organisation; %s", by, hint)}
	}
	var ids []string
	for _, p := range named {
		ids = append(ids, strings.TrimSpace(p.ID+" "+d.Org.TitleOf(p.ID)))
	}
	return org.Person{}, &Problem{Kind: Usage, Words: fmt.Sprintf("%s is the name of %d people; name one by id: %s", by, len(named), strings.Join(ids, ", "))}
}

func stateTitle(def *engine.Definition, s engine.State) string {
	if st := def.States[s]; st != nil && st.Title != "" {
		return st.Title
	}
	return string(s)
}

// next are the first timers that will fire; several that do the same at one
// time are one.
func (d desk) next(def *engine.Definition, in *engine.Instance) []Next {
	out := []Next{}
	for _, armed := range in.Timers {
		i := slices.IndexFunc(def.Timers, func(t engine.Timer) bool { return t.Name == armed.Name })
		if i < 0 {
			continue
		}
		n := Next{At: armed.At.In(d.Calendar.Location()).Format(time.RFC3339), Timer: armed.Name, What: timerWords(def, &def.Timers[i])}
		if !slices.ContainsFunc(out, func(o Next) bool { return o.At == n.At && o.What == n.What }) {
			out = append(out, n)
		}
		if len(out) == nextShown {
			break
		}
	}
	return out
}

var lights = map[string]string{"green": "绿灯", "yellow": "黄灯", "orange": "橙灯", "red": "红灯"}

// timerWords says what a timer does, by the first of its actions that people see.
func timerWords(def *engine.Definition, t *engine.Timer) string {
	for i := range t.Do {
		switch a := &t.Do[i]; a.Verb {
		case engine.DoRemind, engine.DoEscalate:
			if r := def.Reasons[a.As]; r.Title != "" {
				return r.Title
			}
		case engine.DoLight:
			return "亮" + lights[a.Value]
		case engine.DoSpawn:
			return "派生督办件"
		case engine.DoNote:
			if a.Value == "deemed" {
				return "视同送达"
			}
		}
	}
	if t.To != "" {
		return "转为" + stateTitle(def, t.To)
	}
	return t.Name
}
