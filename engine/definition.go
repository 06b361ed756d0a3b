// Package engine says what an assignment (督办件) is and how it moves.
//
// A [Definition] is a workflow as data. An [Instance] is one run of it. [Step]
// takes an instance and an [Event] to the next instance and the [Effect]s that
// follow, and is pure: no clock, no storage, no network. Everything else in the
// house (store, preview, demo, verify) calls this one function, so what is
// previewed is what will happen.
package engine

import "time"

// State is a named condition of an instance. The names are a definition's own.
type State string

// EventKind names what happened: an act of a person (acknowledge, report …),
// or one of the kinds below that come from inside.
type EventKind string

// The event kinds the engine itself gives a meaning to. All others are defined
// by a definition's `on:` tables alone.
const (
	EventStart     EventKind = "start"      // an instance begins; Event.Start holds its facts
	EventTimer     EventKind = "timer"      // an armed timer is due; Event.Timer names it
	EventChildDone EventKind = "child_done" // a child has ended; sent to its parent

	// EventChildReopened tells the parent that a child goes on after its end.
	EventChildReopened EventKind = "child_reopened"
)

// Role is a symbol for a receiver or an actor. People are found only when a
// message is sent or an act arrives, so a new head gets the next message.
type Role string

// The roles definitions may name.
const (
	RoleLead        Role = "lead"          // head or liaison of the lead unit (actors only)
	RoleLeadLiaison Role = "lead.liaison"  // 牵头单位联络员
	RoleLeadHead    Role = "lead.head"     // 牵头单位负责人
	RoleCoopHead    Role = "coop.head"     // 配合单位负责人: only where a cooperating unit has no liaison
	RoleCoopLiaison Role = "coop.liaison"  // 配合单位联络员, one for each cooperating unit
	RoleSponsor     Role = "sponsor"       // 分管校领导 of the lead unit
	RolePrincipal   Role = "principal"     // 主要领导: 党委书记 for Party plans, 校长 otherwise
	RoleOffice      Role = "office"        // 效能办
	RoleEveryUnit   Role = "every.liaison" // the shared group of all units: neutral counts only
	RoleSystem      Role = "system"        // the engine itself (actors only)
)

// Definition is a workflow as data. Package workflows parses and validates it;
// the engine receives it ready to run. Instances pin Hash, so a new version
// never changes a running instance.
type Definition struct {
	Name  string // "assignment"
	Title string // 节点任务
	Hash  string // hex SHA-256 of the source text and of every fragment it includes
	Kind  Kind   // what its instances count as, unless a start says otherwise

	Start   []Entry // where a new instance begins: the first entry of the asked name whose guard holds
	States  map[State]*StateDef
	Order   []State           // states in the order written, for pictures and pages
	Timers  []Timer           // in the order written; within a ladder a later rung is the graver one
	Reasons map[string]Reason // manners of each reason its notices have
	Cron    string            // a periodic start: five cron fields, or "" (package scheduler)
	Roll    string            // where a periodic start goes when its day is no work day: before, after, stay
}

// Entry is one way to begin.
type Entry struct {
	Name string // chosen by name when a parent spawns into it or a person starts it; "" otherwise
	When *Guard // nil: always
	Kind Kind   // "": the definition's kind
	To   State
	Do   []Action
}

// Kind says what an instance counts as in ledgers and summaries.
type Kind string

// The kinds of instance.
const (
	KindAssignment Kind = "assignment" // 督办件: item × occurrence × lead
	KindSeries     Kind = "series"     // a recurring duty or a deployment that has one child a period or a unit
	KindRound      Kind = "round"      // 月度督办
	KindAsked      Kind = "asked"      // one unit's part in a round or review
	KindStanding   Kind = "standing"   // 长期坚持 and other matters without a deadline
	KindBrief      Kind = "brief"      // the office's own periodic lists
)

// StateDef is one state.
type StateDef struct {
	Name  State
	Title string               // 待签收
	Final bool                 // an end: no timer runs, the parent is told
	On    map[EventKind][]Move // the first move whose guard holds is taken
	Enter []Action             // done on every entry
}

// Move is what an event does in a state.
type Move struct {
	By    []Role   // who may; empty: only the system
	Not   []Role   // who may not, even if By allows: "handler" is whoever acted for the lead unit
	Needs []string // fields of Event.Data that must not be blank
	When  *Guard
	To    State // "" stays
	Do    []Action

	Cooldown time.Duration // refused while the last 催办 by hand (note "urged") is younger; 0: never
}

// RoleHandler in Move.Not bars everyone who has acted for the lead unit on this
// instance: nobody closes his own matter.
const RoleHandler Role = "handler"

// Timer is something that happens by itself at a computed time while the
// instance is in one of the states In.
type Timer struct {
	Name   string
	In     []State
	At     At
	Every  Offset // repeat distance; zero: once
	Times  int    // how often in all; 0 and 1: once
	When   *Guard // asked when it is due; false: skipped and recorded
	Unless *Guard // true: skipped and recorded
	Do     []Action
	To     State
	Rung   bool // a rung of the ladder: on one morning the gravest rung a receiver has wins
	Again  bool // computed anew after it fired, until its expression gives no later time (periods)
	Catch  bool // when its time passed while the clock stood still, it is owed on the next work morning
}

// At is a time expression over the anchors of an instance.
type At struct {
	Func   string // "", later, earlier, monday, left, day, teaching_week, last_workday, workday_of_next_month, next_period
	Anchor string // "issued", "due", "entered", "opened", "usual"; due is the effective day after the roll rule
	Offset Offset
	Args   []At
	N      int    // percent of "left", day of "day", week of "teaching_week", n of "workday_of_next_month"
	Clock  string // "" opening (09:00), "closing" (17:30)
	Text   string // as written
}

// Offset is a signed distance in time.
type Offset struct {
	N    int
	Unit Unit
}

// Unit is a unit of distance.
type Unit string

// The units of distance.
const (
	Workdays Unit = "wd"
	Days     Unit = "d"
	Weeks    Unit = "w"
	Months   Unit = "m"
)

// Guard is a condition as data.
//
// Op is and, or, not (over Args), or a comparison (=, !=, <, <=, >, >=) of Field
// with Int or Str, or "is" for a bare yes-or-no field. Arg is the number in
// brackets of fields that take one: reported_within(5wd).
type Guard struct {
	Op    string
	Field string
	Arg   int
	Int   int
	Str   string // used when IsStr
	IsStr bool
	Args  []*Guard
	Text  string // as written
}

// Verb names an action.
type Verb string

// The actions a definition may order.
const (
	DoRemind   Verb = "remind"   // a notice to each role in To, with reason As
	DoEscalate Verb = "escalate" // a notice up the ladder; held until the office releases it when leaders.release is manual
	DoLight    Verb = "light"    // set the light to Value: green, yellow, orange, red
	DoSlip     Verb = "slip"     // a numbered paper of kind Value is due (催办单 …)
	DoList     Verb = "list"     // put on the office's list Value: phone, named
	DoWithdraw Verb = "withdraw" // unsent notices of the reasons in Values go no more; "all": every reason but must-send ones
	DoSpawn    Verb = "spawn"    // children: Value is each: unit, period
	DoCancel   Verb = "cancel"   // every open child is cancelled by the same act: Value is children
	DoNote     Verb = "note"     // bookkeeping: Value is acknowledged, deemed, reported, tick, asked, phoned, urged, closed …
	DoDue      Verb = "due"      // the deadline moves: Value is event (Event.Data["due"]), resume, or an Offset as grace ("3wd")
)

// Action is one thing to do.
type Action struct {
	Verb     Verb
	To       []Role
	As       string // the reason of a notice
	Value    string
	Values   []string
	Workflow string // spawn: the children's workflow; "" this one
	Start    string // spawn: the named start of the children
	By       *At    // spawn: the children's deadline, computed on the parent
	Class    Class  // remind, escalate: instead of the reason's class
	When     *Guard
}

// Reason says how notices of a reason behave.
type Reason struct {
	Name    string
	Title   string // 催办: stands in brackets before the text
	Class   Class
	Counts  bool // one of the reminders counted by the field `reminders`
	Late    bool // speaks of lateness: never into a group
	Gravity int  // order within a digest: higher first
}

// Class is when a notice may go.
type Class string

// The classes of notices.
const (
	Digest  Class = "digest"  // with the person's morning message: 09:00 of the same or the next work day
	Prompt  Class = "prompt"  // at once within 08:30–17:30 on work days, else with the next morning's message
	Must    Class = "must"    // at once, at any hour: 批示件
	Monthly Class = "monthly" // inside the monthly 专报, on the fifth work day of a month
)
