package workflows

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"duban/engine"
	"duban/engine/fault"
)

// part is what one file says, or several merged.
type part struct {
	name     string
	title    string
	fragment bool
	kind     engine.Kind
	cron     string
	roll     string
	include  []value
	where    fault.Fault // of the name
	cronAt   fault.Fault

	starts  []item[engine.Entry]
	states  []item[*engine.StateDef]
	timers  []item[engine.Timer]
	reasons []item[engine.Reason]
	broken  bool
}

// item is a piece of a definition that still knows where it comes from.
type item[T any] struct {
	name  string
	def   T
	refs  []ref
	where fault.Fault // of its key
}

func readPart(root value) *part {
	p := &part{}
	if _, ok := root.raw.(map[string]any); !ok {
		root.misshapen("a workflow definition", `begin with "workflow: name"`)
		p.broken = true
		return p
	}
	p.head(root)
	for _, v := range root.get("start").items() {
		p.starts = append(p.starts, readEntry(v))
	}
	for _, v := range root.get("states").pairs() {
		p.states = append(p.states, readState(v))
	}
	for _, v := range root.get("timers").pairs() {
		p.timers = append(p.timers, readTimer(v))
	}
	for _, v := range root.get("reasons").pairs() {
		p.reasons = append(p.reasons, readReason(v))
	}
	p.broken = root.r.broken
	return p
}

func (p *part) head(root value) {
	name := root.get("workflow")
	keys := workflowKeys
	if name.absent() && !root.get("fragment").absent() {
		name, keys, p.fragment = root.get("fragment"), fragmentKeys, true
	}
	root.known(keys...)
	p.where = root.r.src.Fault(name.path, "", "")
	if p.name = name.text(); p.name == "" {
		name.faultAtKey("the definition has no name", `begin with "workflow: name", or "fragment: name" for a piece that others include`)
	}
	name.name("workflow", p.name)
	p.include = root.get("include").items()
	if p.fragment {
		root.get("title").text()
	} else {
		p.title = root.title("the workflow")
		p.kind = engine.Kind(root.get("kind").oneOf("kind", kinds))
		p.periodic(root)
	}
}

func (p *part) periodic(root value) {
	cron, roll := root.get("cron"), root.get("roll")
	if !cron.absent() {
		p.cron, p.cronAt = cron.text(), cron.where()
		if what, hint := cronFault(p.cron); what != "" {
			cron.fault("cron: "+what, hint)
		}
	}
	if !roll.absent() {
		p.roll = roll.oneOf("roll", rolls)
	}
}

// title is the text of the key title, which must be there.
func (v value) title(what string) string {
	t := v.get("title")
	if t.absent() || t.raw == "" {
		t.faultAtKey(what+" has no title", "pages and messages show it")
	}
	return t.text()
}

func readEntry(v value) item[engine.Entry] {
	e := item[engine.Entry]{where: v.where()}
	if !v.known(entryKeys...) {
		return e
	}
	e.name = v.get("name").text()
	v.get("name").name("start", e.name)
	to := v.get("to")
	if to.absent() {
		v.fault("the start leads to no state", "add to: and the name of a state")
	}
	e.def = engine.Entry{Name: e.name, When: v.get("when").guard(), To: engine.State(to.text()), Do: v.get("do").actions()}
	to.refer(refState, to.text())
	if kind := v.get("kind"); !kind.absent() {
		e.def.Kind = engine.Kind(kind.oneOf("kind", kinds))
	}
	e.refs = v.r.take()
	return e
}

func readState(v value) item[*engine.StateDef] {
	s := item[*engine.StateDef]{name: v.name("state", v.key), where: v.r.src.Fault(v.path, "", "")}
	s.def = &engine.StateDef{Name: engine.State(v.key), On: map[engine.EventKind][]engine.Move{}}
	if !v.known(stateKeys...) {
		return s
	}
	s.def.Title, s.def.Final = v.title("state "+v.key), v.get("final").flag()
	for _, on := range v.get("on").pairs() {
		event := engine.EventKind(on.name("event", on.key))
		if on.absent() {
			on.misshapen("what the event does", "write {} to stay in the state")
		}
		for _, m := range on.items() {
			s.def.On[event] = append(s.def.On[event], readMove(m, on.key))
		}
	}
	s.def.Enter = v.get("enter").actions()
	s.refs = v.r.take()
	return s
}

func readMove(v value, event string) engine.Move {
	if !v.known(moveKeys...) {
		return engine.Move{}
	}
	to := v.get("to")
	m := engine.Move{
		By:   v.get("by").roles(actors),
		Not:  v.get("not").roles(barred),
		When: v.get("when").guard(),
		To:   engine.State(to.text()),
		Do:   v.get("do").actions(),
	}
	to.refer(refState, to.text())
	for _, n := range v.get("needs").items() {
		m.Needs = append(m.Needs, n.text())
	}
	if len(v.get("by").items()) == 0 && !slices.Contains(systemEvents, event) {
		v.faultAtKey(fmt.Sprintf("nobody may cause %s", event), "add by: with one or more of "+strings.Join(actors, ", "))
	}
	readCooldown(v, &m)
	return m
}

// cooldowns are whole hours: people are told "24小时内已催办".
var cooldowns = regexp.MustCompile(`^[1-9][0-9]{0,3}h$`)

func readCooldown(v value, m *engine.Move) {
	c := v.get("cooldown")
	if c.absent() {
		return
	}
	s, _ := c.raw.(string)
	if !cooldowns.MatchString(s) {
		c.fault("cooldown: expected whole hours, found "+describe(c.raw), "write 24h")
		return
	}
	hours, _ := strconv.Atoi(strings.TrimSuffix(s, "h")) // at most four digits
	m.Cooldown = time.Duration(hours) * time.Hour
	if !slices.ContainsFunc(m.Do, func(a engine.Action) bool { return a.Verb == engine.DoNote && a.Value == "urged" }) {
		c.faultAtKey("cooldown: nothing says when it was done last", "add {note: urged} to do:")
	}
}

func readTimer(v value) item[engine.Timer] {
	t := item[engine.Timer]{name: v.name("timer", v.key), where: v.r.src.Fault(v.path, "", "")}
	if !v.known(timerKeys...) {
		return t
	}
	to := v.get("to")
	t.def = engine.Timer{
		Name: t.name, Times: v.get("times").number(),
		When: v.get("when").guard(), Unless: v.get("unless").guard(),
		Do: v.get("do").actions(), To: engine.State(to.text()),
		Rung: v.get("rung").flag(), Again: v.get("again").flag(), Catch: v.get("catch").flag(),
	}
	to.refer(refState, to.text())
	for _, in := range v.get("in").items() {
		t.def.In = append(t.def.In, engine.State(in.text()))
		in.refer(refTimed, in.text())
	}
	readTimes(v, &t.def)
	checkTimer(v, &t.def)
	t.refs = v.r.take()
	return t
}

func readTimes(v value, t *engine.Timer) {
	if at := v.get("at"); !at.absent() {
		t.At = at.time()
	} else {
		v.faultAtKey(fmt.Sprintf("timer %s has no at", t.Name), "add at: and a time such as due - 3wd")
	}
	if every := v.get("every"); !every.absent() {
		o, err := parseDistance(every.text())
		every.syntax(err)
		t.Every = o
	}
}

func checkTimer(v value, t *engine.Timer) {
	times, every := v.get("times"), v.get("every")
	if len(v.get("in").items()) == 0 {
		v.faultAtKey(fmt.Sprintf("timer %s runs in no state", t.Name), "add in: with the states it runs in")
	}
	if v.get("do").absent() && v.get("to").absent() {
		v.faultAtKey(fmt.Sprintf("timer %s does nothing", t.Name), "add do: or to:")
	}
	switch {
	case !times.absent() && every.absent():
		times.faultAtKey("times without every", "add every: and a distance such as 5wd")
	case times.absent() && !every.absent():
		every.faultAtKey("every without times", "add times: how often in all")
	case !times.absent() && t.Times < 2:
		times.fault(fmt.Sprintf("times: expected a number from 2, found %v", times.raw), "leave every and times out for once")
	}
}

func readReason(v value) item[engine.Reason] {
	r := item[engine.Reason]{name: v.name("reason", v.key), where: v.r.src.Fault(v.path, "", "")}
	if !v.known(reasonKeys...) {
		return r
	}
	r.def = engine.Reason{
		Name: r.name, Title: v.title("reason " + v.key), Class: engine.Class(v.get("class").oneOf("class", classes)),
		Counts: v.get("counts").flag(), Late: v.get("late").flag(), Gravity: v.get("gravity").number(),
	}
	return r
}
