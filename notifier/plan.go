package notifier

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"duban/engine"
	"duban/engine/calendar"
	"duban/engine/store"
	"duban/notifier/text"
)

const (
	planBatch = 50_000      // notices of one planning: far more than a morning has, so that no message is cut in two
	patience  = time.Minute // how long planning waits for timers that are due
)

// byMail marks a notice that a robot could not carry: it goes by mail now.
const byMail = "by mail: "

// digest is one message in the making.
type digest struct {
	route   Route
	notices []store.Notice
	lines   []text.Line
}

// plan turns the notices that are ready into deliveries: one message a person
// and channel. It waits while timers are still due, so that a morning's message
// is written once, when everything that belongs into it is there.
func (n *Notifier) plan(ctx context.Context) (int, error) {
	n.planning.Lock()
	defer n.planning.Unlock()
	if wait, err := n.awaitsTimers(ctx); wait || err != nil {
		return 0, err
	}
	planned := 0
	var p *planner
	err := n.DB.Write(ctx, n.Now(), func(tx *store.Tx) error {
		tx.For = "digest"
		ready, err := tx.Ready(planBatch)
		if err != nil || len(ready) == 0 {
			return err
		}
		planned = len(ready)
		p = n.newPlanner(ctx, tx)
		for i := range ready {
			if err := p.add(&ready[i]); err != nil {
				return err
			}
		}
		return p.finish()
	})
	if err != nil {
		return 0, fmt.Errorf("notifier: plan: %w", err)
	}
	if p != nil {
		p.paced()
	}
	return planned, nil
}

// awaitsTimers says that timers due now have not fired yet. It waits from when
// it first sees them: after a long sleep they are long due.
func (n *Notifier) awaitsTimers(ctx context.Context) (bool, error) {
	due, err := n.DB.NextDue(ctx)
	now := n.Now()
	if err != nil || due.IsZero() || due.After(now) {
		n.since = time.Time{}
		return false, err
	}
	if n.since.IsZero() {
		n.since = now
	}
	return now.Sub(n.since) < patience, nil
}

// planner is one planning: a transaction, and the digests it collects by
// receiver and channel, in a fixed order.
type planner struct {
	*Notifier
	ctx     context.Context
	tx      *store.Tx
	router  Router
	today   calendar.Date
	live    map[int64]*engine.Instance
	byQueue map[string]*digest
	digests []*digest
	aside   map[string][]spaced // by queue
}

func (n *Notifier) newPlanner(ctx context.Context, tx *store.Tx) *planner {
	return &planner{Notifier: n, ctx: ctx, tx: tx, router: n.router(), today: n.Calendar.DateOf(tx.Now),
		live: map[int64]*engine.Instance{}, byQueue: map[string]*digest{}, aside: map[string][]spaced{}}
}

// finish writes the digests.
func (p *planner) finish() error {
	if err := p.settleAside(); err != nil {
		return err
	}
	for _, d := range p.digests {
		if err := p.write(d); err != nil {
			return err
		}
	}
	return nil
}

func (n *Notifier) router() Router {
	return Router{Org: n.Org, NoRobots: len(n.Channels) > 0 && !n.has(robotChannel)}
}

// add puts a notice into its digest. One that nobody can receive, or that
// cannot be worded, becomes a dead letter and keeps no other back.
func (p *planner) add(no *store.Notice) error {
	if at := p.hours(p.tx.Now, no.Class == engine.Must); at.After(p.tx.Now) {
		// The process slept through its time, or the office released it in the
		// evening: it goes among that morning's others.
		why := no.Why
		if p.sentBefore(no) {
			why = joinWhy(why, store.Again)
		}
		return p.tx.Postpone(no.N, at, why)
	}
	in, err := p.instance(no.Instance)
	if err != nil {
		return p.bury(err.Error(), *no)
	}
	reason := p.manners(in, no.Reason)
	route, ok := p.router.Find(wanted(no, in, reason), p.today)
	if !ok {
		return p.bury("无人可送", *no)
	}
	var line text.Line
	if err := guarded(func() { line = p.line(in, no, reason, p.today) }); err != nil {
		return p.bury(err.Error(), *no)
	}
	line.For = route.Holder.For.Name
	no.Why = joinWhy(no.Why, route.Why)
	if p.space(no, line, route) {
		return nil
	}
	d := p.byQueue[route.Queue()]
	if d == nil {
		d = &digest{route: route}
		p.byQueue[route.Queue()] = d
		p.digests = append(p.digests, d)
	}
	d.notices = append(d.notices, *no)
	d.lines = append(d.lines, line)
	return nil
}

func (p *planner) instance(id int64) (*engine.Instance, error) {
	if in := p.live[id]; in != nil {
		return in, nil
	}
	in, err := p.tx.Instance(id)
	if err != nil {
		return nil, err
	}
	p.live[id] = &in
	return &in, nil
}

func wanted(no *store.Notice, in *engine.Instance, r engine.Reason) Wanted {
	return Wanted{
		Role: no.Role, Unit: no.Unit, Party: in.Party, Late: r.Late,
		Personal: no.Class == engine.Must || in.Sensitive || refused(no),
	}
}

// refused says that a robot could not carry the notice.
func refused(no *store.Notice) bool { return strings.HasPrefix(no.Why, byMail) }

func joinWhy(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	if strings.Contains(a, b) {
		return a
	}
	return a + "；" + b
}

func (n *Notifier) reason(in *engine.Instance, name string) (engine.Reason, error) {
	def, err := n.Defs(in.DefHash)
	if err != nil {
		return engine.Reason{}, err
	}
	r, ok := def.Reasons[name]
	if !ok {
		return engine.Reason{}, fmt.Errorf("workflow %s has no reason %q", def.Name, name)
	}
	return r, nil
}

// manners are the reason's. One of which nothing can be found out still goes,
// with the most careful manners: to the person alone.
func (n *Notifier) manners(in *engine.Instance, name string) engine.Reason {
	var r engine.Reason
	var err error
	if bad := guarded(func() { r, err = n.reason(in, name) }); errors.Join(bad, err) != nil {
		return engine.Reason{Name: name, Late: true}
	}
	return r
}
