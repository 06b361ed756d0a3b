package scheduler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/robfig/cron/v3"

	"duban/engine"
	"duban/engine/calendar"
	"duban/engine/store"
)

// periodic is a definition that starts by itself: a round, the office's week.
type periodic struct {
	def      *engine.Definition
	schedule cron.Schedule
	last     time.Time // the last occurrence dealt with
}

// Periodic starts what begins by the calendar (月度督办, 本周督办要点). The last
// occurrence of each is kept in the store, so a restart neither repeats nor
// forgets one; of several that passed in one sleep only the latest is started,
// and the others are counted in the log.
type Periodic struct {
	r    *Runner
	mu   sync.Mutex
	all  []*periodic
	seen bool
}

// NewPeriodic reads the schedules of all definitions that have one.
func NewPeriodic(r *Runner) (*Periodic, error) {
	p := &Periodic{r: r}
	for _, name := range r.Library.Names() {
		def, _ := r.Library.Get(name)
		if def.Cron == "" {
			continue
		}
		s, err := ParseCron(def.Cron, r.Calendar, calendar.Roll(def.Roll))
		if err != nil {
			return nil, fmt.Errorf("workflow %s: %w", name, err)
		}
		p.all = append(p.all, &periodic{def: def, schedule: s})
	}
	return p, nil
}

// load reads where each schedule stands. A new one begins now, an occurrence at
// this very instant included, and that is kept: a program that is down when its
// first occurrence passes has not forgotten it.
func (p *Periodic) load(ctx context.Context) error {
	if p.seen {
		return nil
	}
	var fresh []*periodic
	for _, x := range p.all {
		v, err := p.r.DB.Meta(ctx, "cron "+x.def.Name)
		if err != nil {
			return err
		}
		if v == "" {
			x.last = p.r.Now().Add(-time.Millisecond)
			fresh = append(fresh, x)
			continue
		}
		ms, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			return fmt.Errorf("scheduler: meta cron %s: %w", x.def.Name, err)
		}
		x.last = time.UnixMilli(ms)
	}
	if len(fresh) > 0 {
		err := p.r.DB.Write(ctx, p.r.Now(), func(tx *store.Tx) error { return keep(tx, fresh) })
		if err != nil {
			return err
		}
	}
	p.seen = true
	return nil
}

func keep(tx *store.Tx, fresh []*periodic) error {
	for _, x := range fresh {
		if err := x.keep(tx, x.last); err != nil {
			return err
		}
	}
	return nil
}

func (x *periodic) keep(tx *store.Tx, at time.Time) error {
	return tx.SetMeta("cron "+x.def.Name, strconv.FormatInt(at.UnixMilli(), 10))
}

// Next is the next instant at which something begins, or the zero time.
func (p *Periodic) Next(ctx context.Context) (time.Time, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.load(ctx); err != nil {
		return time.Time{}, err
	}
	var next time.Time
	for _, x := range p.all {
		if t := x.schedule.Next(x.last); !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	return next, nil
}

// Run starts what is due now. One that cannot start does not hold up the others.
func (p *Periodic) Run(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.load(ctx); err != nil {
		return err
	}
	var errs []error
	for _, x := range p.all {
		if err := p.runOne(ctx, x); err != nil {
			errs = append(errs, fmt.Errorf("scheduler: periodic %s: %w", x.def.Name, err))
		}
	}
	return errors.Join(errs...)
}

func (p *Periodic) runOne(ctx context.Context, x *periodic) error {
	now := p.r.Now()
	if x.last.After(now) { // the clock went back: what comes again has its key already
		x.last = now.Add(-time.Millisecond)
	}
	var due time.Time
	passed := 0
	for t := x.schedule.Next(x.last); !t.IsZero() && !t.After(now); t = x.schedule.Next(t) {
		due = t
		passed++
	}
	if passed == 0 {
		return nil
	}
	if passed > 1 {
		slog.Warn("periodic starts were slept through", "workflow", x.def.Name, "missed", passed-1)
	}
	if err := p.start(ctx, x, due); err != nil {
		return err
	}
	x.last = due
	return nil
}

func (p *Periodic) start(ctx context.Context, x *periodic, at time.Time) error {
	items, err := p.r.DB.Items(ctx)
	if err != nil {
		return err
	}
	d := p.r.Calendar.DateOf(at)
	return p.r.write(ctx, func(b *batch) error {
		b.tx.For = "periodic"
		b.tx.Because(at)
		if err := x.keep(b.tx, at); err != nil {
			return err
		}
		open, err := b.tx.Open()
		if err != nil {
			return err
		}
		f, ok := Collect(x.def, open, items, d, p.r.Calendar)
		if !ok {
			return nil
		}
		_, err = b.begin(nil, &engine.Start{Workflow: x.def.Name, Key: x.def.Name + "/" + f.Occurrence, Facts: f})
		return err
	})
}

// Collect gathers what a periodic start is about: the units a round asks, the
// counts of the office's week. It answers false when there is nothing to say.
// A round always opens, with or without anything open.
func Collect(def *engine.Definition, open []*engine.Instance, items []store.Item, d calendar.Date, cal *calendar.Calendar) (engine.Facts, bool) {
	if def.Kind == engine.KindRound {
		asks := Asks(open, d, cal)
		f := engine.Facts{Occurrence: d.String()[:7], Issued: d, Heading: fmt.Sprintf("%d年%d月督办", d.Year(), d.Month()), Asks: asks}
		for u := range asks {
			f.Units = append(f.Units, u)
		}
		slices.Sort(f.Units)
		f.Extra = map[string]string{"units": strconv.Itoa(len(f.Units)), "open": strconv.Itoa(count(open, isMatter))}
		return f, true
	}
	extra, any := weekCounts(open, items, d, cal)
	return engine.Facts{Occurrence: d.String(), Issued: d, Heading: "本周督办要点", Extra: extra}, any
}

// Asks says how many matters the round of a month asks each unit about: what is
// due this month or overdue, 批示件, monthly rhythms and frames; the rest once a
// quarter. Nothing issued this month is asked about; in a vacation, and in a
// month with a stage review, nobody is asked.
func Asks(open []*engine.Instance, d calendar.Date, cal *calendar.Calendar) map[string]int {
	asks := map[string]int{}
	if cal.InVacation(d) {
		return asks
	}
	quarter := int(d.Month())%3 == 0
	for i := range open {
		in := open[i]
		if in.Workflow == "review" && in.Kind == engine.KindAssignment && in.Effective.MonthEnd() == d.MonthEnd() {
			return map[string]int{}
		}
		if !isMatter(in) || in.Issued.MonthEnd() >= d.MonthEnd() {
			continue
		}
		dueNow := in.Effective != 0 && in.Effective <= d.MonthEnd()
		if dueNow || in.Instructed || in.Frame || monthly(in.Cadence) || quarter {
			asks[in.Unit]++
		}
	}
	return asks
}

// isMatter tells assignments that units work on from what waits elsewhere.
func isMatter(in *engine.Instance) bool {
	return in.Kind == engine.KindAssignment && in.State != "to_check" && in.State != "suspended" && in.State != "awaiting_date"
}

func monthly(cadence string) bool {
	switch cadence {
	case "P1D", "P1W", "P2W", "P1M":
		return true
	}
	return false
}

func count(open []*engine.Instance, is func(*engine.Instance) bool) int {
	n := 0
	for i := range open {
		if is(open[i]) {
			n++
		}
	}
	return n
}

// weekCounts are the figures of the office's Monday list.
func weekCounts(open []*engine.Instance, items []store.Item, d calendar.Date, cal *calendar.Calendar) (map[string]string, bool) {
	n := map[string]int{}
	for i := range open {
		in := open[i]
		if in.Kind != engine.KindAssignment || in.State == "suspended" { // 暂缓: its clock stands
			continue
		}
		switch {
		case in.State == "to_check" || in.State == "extension" || in.State == "contested":
			n["decide"]++
		case in.State == "awaiting_date":
			n["undated"]++
		case in.Effective != 0 && in.Effective < d && !in.Frame && in.Light == "red":
			n["overdue"]++
		case in.Effective != 0 && in.Effective <= d.AddDays(7) && !in.Frame:
			n["due_week"]++
		}
		if in.Deemed && in.Signed.IsZero() {
			n["phone"]++
		}
	}
	for i := range items {
		switch it := &items[i]; {
		case it.Status != "waiting":
		case strings.Contains(it.Why, "牵头单位"):
			n["unassigned"]++
		default:
			n["undated"]++
		}
	}
	out := map[string]string{}
	for k, v := range n {
		out[k] = strconv.Itoa(v)
	}
	return out, len(out) > 0
}
