package engine

import (
	"time"

	"duban/engine/calendar"
)

// Instance is one run of a definition. It is a plain value: Step returns a
// changed copy and never writes to the one it was given.
type Instance struct {
	ID       int64  `json:"id,omitempty"`
	Slip     string `json:"slip,omitempty"` // 督办编号, e.g. 2023-0005
	Key      string `json:"key,omitempty"`  // Start.Key: what it is, the same in every run
	Workflow string `json:"workflow,omitempty"`
	DefHash  string `json:"def,omitempty"`
	Kind     Kind   `json:"kind,omitempty"`

	Facts
	Course
}

// Course is where an instance has come to: what every step may change.
type Course struct {
	State   State `json:"state"`
	Version int   `json:"version"` // counts steps; two acts on one version cannot both win

	Entered   time.Time         `json:"entered"`             // when State was entered
	Opened    time.Time         `json:"opened"`              // when the instance began
	Closed    time.Time         `json:"closed,omitzero"`     // when a final state was entered
	Effective calendar.Date     `json:"effective,omitempty"` // Due after the roll rule: reminders count from it
	FirstDue  calendar.Date     `json:"first_due,omitempty"` // the deadline as issued, when it was moved later
	Light     string            `json:"light,omitempty"`
	Timers    []Armed           `json:"timers,omitempty"` // sorted by At
	Fired     map[string]int    `json:"fired,omitempty"`  // how often each timer has fired for this deadline
	Prev      State             `json:"prev,omitempty"`   // where to go back to from a stop (暂缓, 申请调整)
	Stopped   time.Time         `json:"stopped,omitzero"` // since when the clock stands
	Reported  time.Time         `json:"reported,omitzero"`
	Signed    time.Time         `json:"signed,omitzero"`
	Deemed    bool              `json:"deemed,omitempty"`    // 视同送达
	Handed    time.Time         `json:"handed,omitzero"`     // when 申请办结 was handed in
	Phoned    time.Time         `json:"phoned,omitzero"`     // 电话催办
	Urged     time.Time         `json:"urged,omitzero"`      // last 催办 by hand
	Reminders int               `json:"reminders,omitempty"` // counted reminders for this deadline
	Chased    int               `json:"chased,omitempty"`    // 催办单 so far
	Done      int               `json:"done,omitempty"`      // ticks of a cadence
	Extended  int               `json:"extended,omitempty"`
	Handlers  []string          `json:"handlers,omitempty"` // persons who acted for the lead unit
	Children  int               `json:"children,omitempty"`
	Open      int               `json:"open,omitempty"`  // children that have not ended
	Words     map[string]string `json:"words,omitempty"` // last words by kind: progress, difficulty, reason, instruction
}

// Facts are what an instance is told when it starts.
type Facts struct {
	Plan       string            `json:"plan,omitempty"` // plan key
	PlanTitle  string            `json:"plan_title,omitempty"`
	Party      bool              `json:"party,omitempty"` // a Party plan: its principal is 党委书记
	Item       string            `json:"item,omitempty"`  // printed number, 三.(一).1
	Heading    string            `json:"heading,omitempty"`
	When       string            `json:"when,omitempty"`       // the time words as printed
	Unit       string            `json:"unit,omitempty"`       // lead unit
	Coop       []string          `json:"coop,omitempty"`       // cooperating units; groups are left to the lead
	Units      []string          `json:"units,omitempty"`      // units to spawn a child for
	Asks       map[string]int    `json:"asks,omitempty"`       // a round: how many matters each unit is asked about
	Occurrence string            `json:"occurrence,omitempty"` // 2023-Q1
	Issued     calendar.Date     `json:"issued,omitempty"`
	Due        calendar.Date     `json:"due,omitempty"` // on paper
	Until      calendar.Date     `json:"until,omitempty"`
	Roll       calendar.Roll     `json:"roll,omitempty"`
	Cadence    string            `json:"cadence,omitempty"` // ISO 8601 period, or term
	Need       int               `json:"need,omitempty"`    // ticks a period asks for
	AtLeast    bool              `json:"at_least,omitempty"`
	Frame      bool              `json:"frame,omitempty"`      // a range: no deadline to remind of
	Trigger    string            `json:"trigger,omitempty"`    // event: the date is not known yet
	Usual      calendar.Date     `json:"usual,omitempty"`      // when the event usually is
	Instructed bool              `json:"instructed,omitempty"` // 批示件
	Leader     bool              `json:"leader,omitempty"`     // borne by a school leader: never escalates, never red
	Sensitive  bool              `json:"sensitive,omitempty"`  // 敏感: messages show the number only
	Parent     int64             `json:"parent,omitempty"`
	Extra      map[string]string `json:"extra,omitempty"` // counts for the office's lists
}

// Armed is a timer that will fire.
type Armed struct {
	Name string    `json:"t"`
	At   time.Time `json:"at"`
	N    int       `json:"n,omitempty"` // which repeat, from 0
}

// Next is the earliest armed timer, or false when none is armed.
func (in *Instance) Next() (Armed, bool) {
	if len(in.Timers) == 0 {
		return Armed{}, false
	}
	return in.Timers[0], true
}

// Event is something that happened to an instance. It is recorded as it is, so
// that an instance can be replayed from its events alone.
type Event struct {
	Kind  EventKind         `json:"kind"`
	Timer string            `json:"timer,omitempty"`
	N     int               `json:"n,omitempty"` // which repeat of the timer
	By    Actor             `json:"by,omitzero"`
	Data  map[string]string `json:"data,omitempty"`
	Start *Start            `json:"start,omitempty"`
}

// Actor is who did it, with the roles that person had towards the instance at
// that moment, found by the caller.
type Actor struct {
	Person string `json:"person,omitempty"`
	Name   string `json:"name,omitempty"`
	For    string `json:"for,omitempty"`    // 代填: the unit the office filled in for
	AsSub  string `json:"as_sub,omitempty"` // AB角: the name of whoever is on leave and was stood in for
	Roles  []Role `json:"roles,omitempty"`
}

// Start begins an instance.
type Start struct {
	Workflow string `json:"workflow"`
	Name     string `json:"name,omitempty"` // a named start of the definition
	Kind     Kind   `json:"kind,omitempty"`
	Key      string `json:"key"` // unique: the same start twice makes one instance
	Facts    Facts  `json:"facts"`
}

// EffectKind says what an effect is.
type EffectKind string

// The kinds of effect.
const (
	EffectNotice   EffectKind = "notice"   // someone is to be told
	EffectWithdraw EffectKind = "withdraw" // unsent notices of Reasons go no more; empty: all but must-send ones
	EffectSpawn    EffectKind = "spawn"    // a child begins
	EffectSignal   EffectKind = "signal"   // the parent hears Event
	EffectChildren EffectKind = "children" // every child that has not ended hears Event
	EffectLight    EffectKind = "light"
	EffectSlip     EffectKind = "slip"
	EffectList     EffectKind = "list"
	EffectSkip     EffectKind = "skip" // a notice that is not sent, and Why
)

// Effect is what follows from a step, as data.
type Effect struct {
	Kind    EffectKind `json:"kind"`
	Reason  string     `json:"reason,omitempty"`
	Role    Role       `json:"role,omitempty"`
	Unit    string     `json:"unit,omitempty"`  // the unit whose post Role is looked up in
	Chain   []Role     `json:"chain,omitempty"` // who instead, in order, when nobody holds Role
	At      time.Time  `json:"at,omitzero"`     // the notice's own time
	Ready   time.Time  `json:"ready,omitzero"`  // the earliest moment its class lets it go
	Class   Class      `json:"class,omitempty"`
	Hold    bool       `json:"hold,omitempty"` // waits in 待送校领导 when leaders.release is manual
	Why     string     `json:"why,omitempty"`  // skip: missed, merged, past, withheld:<guard>
	Value   string     `json:"value,omitempty"`
	Reasons []string   `json:"reasons,omitempty"`
	Spawn   *Start     `json:"spawn,omitempty"`
	Signal  *Event     `json:"signal,omitempty"`
	To      int64      `json:"to,omitempty"` // signal: the instance that hears it
}

// Refusal is an event that an instance does not accept: every state × event is
// either a defined move or one of these.
type Refusal struct {
	Code  string // unknown_event, not_now, not_you, missing, guard, ended, not_armed, early, bad_value, too_soon
	State State
	Event EventKind
	Hint  string // one Chinese sentence for the person who tried
}

// Error says what was refused, in English for logs; Hint is for people.
func (r *Refusal) Error() string {
	return "engine: " + r.Code + ": " + string(r.Event) + " in state " + string(r.State) + ": " + r.Hint
}
