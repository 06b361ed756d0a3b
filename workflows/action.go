package workflows

import (
	"fmt"
	"slices"
	"strings"

	"duban/engine"
)

var verbNames = []string{"remind", "escalate", "light", "slip", "list", "withdraw", "spawn", "cancel", "note", "due"}

// verbs fill an action from the value of its verb's key.
var verbs = map[engine.Verb]func(v, action value, a *engine.Action){
	engine.DoRemind:   readNotice,
	engine.DoEscalate: readNotice,
	engine.DoLight:    readWord("light", lights),
	engine.DoList:     readWord("list", lists),
	engine.DoNote:     readWord("note", notes),
	engine.DoSlip:     readSlip,
	engine.DoWithdraw: readWithdraw,
	engine.DoSpawn:    readSpawn,
	engine.DoCancel:   readWord("cancel", []string{"children"}),
	engine.DoDue:      readDue,
}

// modifiers are the keys that may stand beside a verb, when apart.
var modifiers = map[engine.Verb][]string{
	engine.DoRemind:   {"as", "class"},
	engine.DoEscalate: {"as", "class"},
	engine.DoSpawn:    {"workflow", "start", "by"},
}

var modifierNames = []string{"as", "class", "workflow", "start", "by"}

func (v value) actions() []engine.Action {
	var out []engine.Action
	for _, item := range v.items() {
		if a, ok := item.action(); ok {
			out = append(out, a)
		}
	}
	return out
}

func (v value) action() (engine.Action, bool) {
	if _, ok := v.raw.(map[string]any); !ok {
		v.misshapen("an action", "write {remind: [office], as: …}")
		return engine.Action{}, false
	}
	verb, ok := v.verb()
	if !ok {
		return engine.Action{}, false
	}
	a := engine.Action{Verb: engine.Verb(verb.key)}
	v.modifiers(a.Verb)
	a.When = v.get("when").guard()
	verbs[a.Verb](verb, v, &a)
	return a, true
}

// verb finds the one verb of an action.
func (v value) verb() (value, bool) {
	var found []value
	var names []string
	var unknown *value
	for _, p := range v.pairs() {
		if slices.Contains(verbNames, p.key) {
			found, names = append(found, p), append(names, p.key)
		} else if unknown == nil && p.key != "when" && !slices.Contains(modifierNames, p.key) {
			unknown = &p
		}
	}
	switch {
	case len(found) == 1:
		return found[0], true
	case len(found) > 1:
		found[1].faultAtKey("several verbs in one action: "+strings.Join(names, ", "), "write one action for each")
	case unknown != nil:
		unknown.faultAtKey(fmt.Sprintf("unknown verb %q", unknown.key), suggest(unknown.key, verbNames))
	default:
		v.fault("an action without a verb", "known: "+strings.Join(verbNames, ", "))
	}
	return value{}, false
}

func (v value) modifiers(verb engine.Verb) {
	allowed := append([]string{string(verb), "when"}, modifiers[verb]...)
	for _, p := range v.pairs() {
		switch {
		case slices.Contains(allowed, p.key):
		case slices.Contains(modifierNames, p.key):
			p.faultAtKey(fmt.Sprintf("%s takes no %q", verb, p.key), "")
		default:
			p.faultAtKey(fmt.Sprintf("unknown key %q", p.key), suggest(p.key, allowed))
		}
	}
}

func readWord(what string, words []string) func(v, action value, a *engine.Action) {
	return func(v, _ value, a *engine.Action) { a.Value = v.oneOf(what, words) }
}

func readNotice(v, action value, a *engine.Action) {
	a.To = v.roles(receivers)
	if len(v.items()) == 0 {
		v.faultAtKey(v.key+" names nobody", "known: "+strings.Join(receivers, ", "))
	}
	as := action.get("as")
	if a.As = as.text(); a.As == "" {
		v.faultAtKey(v.key+" without a reason", "add as: and the name of a reason")
	}
	as.refer(refReason, a.As)
	if class := action.get("class"); !class.absent() {
		a.Class = engine.Class(class.oneOf("class", classes))
	}
}

func readSlip(v, _ value, a *engine.Action) {
	if a.Value = v.text(); a.Value == "" {
		v.faultAtKey("slip names no paper", "such as slip: chase")
	}
}

func readWithdraw(v, _ value, a *engine.Action) {
	if v.raw == "all" {
		a.Value = "all"
		return
	}
	for _, item := range v.items() {
		name := item.text()
		item.refer(refReason, name)
		a.Values = append(a.Values, name)
	}
	if len(a.Values) == 0 { // the engine would take an empty list for all
		v.faultAtKey("withdraw names no reason", "write withdraw: all, or a list of reasons")
	}
}

func readSpawn(v, action value, a *engine.Action) {
	a.Value = v.oneOf("spawn", spawns)
	workflow, start := action.get("workflow"), action.get("start")
	a.Workflow, a.Start = workflow.text(), start.text()
	r := ref{kind: refSpawn, name: a.Start, workflow: a.Workflow, where: v.where()}
	if !start.absent() {
		r.where = start.where()
	}
	if !workflow.absent() && start.absent() {
		r.where = workflow.where()
	}
	v.r.refs = append(v.r.refs, r)
	if by := action.get("by"); !by.absent() {
		at := by.time()
		a.By = &at
	}
}

func readDue(v, _ value, a *engine.Action) {
	a.Value = v.text()
	if slices.Contains(dues, a.Value) {
		return
	}
	o, err := parseDistance(a.Value)
	if err == nil && o.Unit == engine.Workdays {
		a.Value = fmt.Sprintf("%dwd", o.N)
		return
	}
	v.fault(fmt.Sprintf("unknown due %q", a.Value), "write event, resume, month, or work days of grace such as 3wd")
}

func (v value) roles(known []string) []engine.Role {
	var out []engine.Role
	for _, item := range v.items() {
		if s := item.oneOf("role", known); s != "" {
			out = append(out, engine.Role(s))
		}
	}
	return out
}
