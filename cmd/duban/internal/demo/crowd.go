package demo

import (
	"container/heap"
	"context"
	"fmt"
	"hash/fnv"
	"time"

	"duban/cmd/duban/internal/app"
	"duban/engine"
	"duban/engine/calendar"
	"duban/engine/org"
	"duban/engine/store"
	"duban/scheduler"
)

// crowd are the simulated people. What one does next follows from the seed and
// from the assignment as it stands, and from nothing else: a run that was killed
// and goes on sees the same people.
type crowd struct {
	app  *app.App
	seed int
	todo queue
	plan map[int64]int // version of an instance for which its next act is planned
}

// act is what somebody will do.
type act struct {
	at      time.Time
	id      int64
	slip    string
	version int
	kind    engine.EventKind
	role    string // whose act: head, liaison, office, sponsor
	data    map[string]string
}

func newCrowd(a *app.App, seed int) *crowd {
	return &crowd{app: a, seed: seed, plan: map[int64]int{}}
}

// load plans an act for everything that is open.
func (c *crowd) load(ctx context.Context) error {
	open, err := c.app.DB.Instances(ctx, store.Filter{Open: true})
	if err != nil {
		return err
	}
	c.changed(open)
	return nil
}

// changed plans anew for instances that have moved.
func (c *crowd) changed(ins []engine.Instance) {
	for i := range ins {
		in := &ins[i]
		c.plan[in.ID] = in.Version
		if a, ok := c.decide(in); ok {
			a.id, a.slip, a.version = in.ID, in.Slip, in.Version
			heap.Push(&c.todo, a)
		}
	}
}

func (c *crowd) next() time.Time {
	c.drop()
	if len(c.todo) == 0 {
		return time.Time{}
	}
	return c.todo[0].at
}

// drop forgets acts whose assignment has moved on.
func (c *crowd) drop() {
	for len(c.todo) > 0 && c.plan[c.todo[0].id] != c.todo[0].version {
		heap.Pop(&c.todo)
	}
}

// act lets everyone act whose time has come.
func (c *crowd) act(ctx context.Context, now time.Time) (int, error) {
	n := 0
	for c.drop(); len(c.todo) > 0 && !c.todo[0].at.After(now); c.drop() {
		a := heap.Pop(&c.todo).(act)
		if err := c.do(ctx, a, now); err != nil {
			return n, fmt.Errorf("%s %s: %w", a.slip, a.kind, err)
		}
		n++
	}
	return n, nil
}

func (c *crowd) do(ctx context.Context, a act, now time.Time) error {
	ins, err := c.app.DB.Instances(ctx, store.Filter{IDs: []int64{a.id}})
	if err != nil || len(ins) == 0 {
		return err
	}
	who, ok := c.person(&ins[0], a.role, c.app.Calendar.DateOf(now))
	if !ok {
		return nil // nobody there: it stays undone
	}
	_, err = c.app.Act(ctx, a.slip, a.kind, who.ID, a.data, a.version)
	if r, refused := scheduler.IsRefusal(err); refused {
		return fmt.Errorf("the simulated %s %s was refused: %w", a.role, who.Name, r)
	}
	return err
}

// person finds who acts in a role; a matter is never closed by who handled it.
func (c *crowd) person(in *engine.Instance, role string, on calendar.Date) (org.Person, bool) {
	o := c.app.Org
	switch role {
	case "office":
		for _, p := range o.Officers(on) {
			if !contains(in.Handlers, p.ID) {
				return p, true
			}
		}
		return org.Person{}, false
	case "liaison":
		if h, ok := o.Holder(in.Unit, org.Liaison, in.Party, on); ok {
			return h.Person, true
		}
		role = "head"
	}
	h, ok := o.Holder(in.Unit, role, in.Party, on)
	return h.Person, ok
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// dice gives a number below n that is the same in every run for the same question.
func (c *crowd) dice(in *engine.Instance, question string, n int) int {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d|%s|%s|%d|%s", c.seed, in.Key, question, in.Entered.UnixMilli(), in.State)
	// FNV's low bits follow the last byte: mix them.
	x := h.Sum64()
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	return int(x % uint64(n))
}

// queue is a heap of acts by time, then by slip so that ties are the same in every run.
type queue []act

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	if !q[i].at.Equal(q[j].at) {
		return q[i].at.Before(q[j].at)
	}
	return q[i].slip < q[j].slip
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push is for package heap.
func (q *queue) Push(x any) { *q = append(*q, x.(act)) }

// Pop is for package heap.
func (q *queue) Pop() any {
	old := *q
	x := old[len(old)-1]
	*q = old[:len(old)-1]
	return x
}
