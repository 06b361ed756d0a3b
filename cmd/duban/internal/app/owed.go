package app

import (
	"slices"
	"time"

	"duban/engine"
	"duban/engine/store"
)

// Owed is a notice that the events of an instance lead to and that was not
// withdrawn before it could go. It is worked out without outbox or ledger.
type Owed struct {
	ID       string
	Instance int64
	Reason   string
	Role     engine.Role
	Unit     string
	Class    engine.Class
	At       time.Time       // the notice's own time
	Ready    time.Time       // the earliest moment it may go: digest, quiet hours, month
	Made     time.Time       // when the step was taken
	Matter   engine.Instance // as it stood after the step

	// Withdrawn is set for a prompt notice whose reason went away after it could
	// go: where its receiver had just had another, it was still waiting.
	Withdrawn time.Time
}

// books keep what each instance owes.
type books map[int64][]Owed

// apply enters the effects of one step.
func (b books) apply(in *engine.Instance, effects []engine.Effect, made time.Time) {
	for i := range effects {
		e := &effects[i]
		switch e.Kind {
		case engine.EffectWithdraw:
			b.withdraw(in.ID, e.Reasons, made)
		case engine.EffectNotice:
			b[in.ID] = append(b[in.ID], Owed{ID: store.NoticeID(in.ID, in.Version, i), Instance: in.ID, Reason: e.Reason, Role: e.Role,
				Unit: e.Unit, Class: e.Class, At: e.At, Ready: e.Ready, Made: made, Matter: *in})
		}
	}
}

// withdraw strikes what could not have gone yet.
func (b books) withdraw(id int64, reasons []string, made time.Time) {
	for i := range b[id] {
		if o := &b[id][i]; o.Class == engine.Prompt && o.Withdrawn.IsZero() && o.Made.Before(made) && named(o, reasons) {
			o.Withdrawn = made
		}
	}
	b[id] = slices.DeleteFunc(b[id], func(o Owed) bool {
		return named(&o, reasons) && o.Class != engine.Must && !o.Ready.Before(made) && o.Made.Before(made)
	})
}

func named(o *Owed, reasons []string) bool {
	return len(reasons) == 0 || slices.Contains(reasons, o.Reason)
}
