package sim

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"duban/cmd/duban/internal/app"
	"duban/engine"
	"duban/notifier"
	"duban/notifier/postbox"
)

// inspect is what takes too long to be checked after every step: the hash
// chain, the replay of every step (I7), and what has really arrived.
func (w *world) inspect() error {
	if _, _, err := w.app.DB.VerifyChain(w.ctx); err != nil {
		w.bad("I7: %v", err)
	}
	rep, err := app.Replay(w.ctx, w.app.DB, w.app.Runner.Definition, w.cal)
	if err != nil {
		return err
	}
	for _, f := range rep.Faults[:min(len(rep.Faults), 5)] {
		w.bad("I7: %s", f)
	}
	n, err := w.box.Violations(w.ctx)
	if err != nil {
		return err
	}
	if n > 0 {
		w.bad("rate: %d posts came beyond 20 in a minute", n)
	}
	arrived, err := w.box.Notices(w.ctx, "")
	if err != nil {
		return err
	}
	b, err := w.readLedger()
	if err != nil {
		return err
	}
	w.compare(arrived, b)
	return w.missing(arrived, b)
}

// ledger is what the program says about its attempts.
type ledger struct {
	doubt   map[string]int    // notice: attempts of which nobody knows the outcome
	excused map[string][]span // notice: waits that a failure asked for
	rests   map[string][]span // queue: while a robot, or all mail, rested
	queue   map[string]string // notice: its last queue
	posts   map[string][]time.Time
}

// slack is what a failure may cost beyond the wait it asks for: the attempt
// itself, and the nap of a notifier that nobody woke.
const slack = time.Minute

func (w *world) readLedger() (*ledger, error) {
	b := &ledger{doubt: map[string]int{}, excused: map[string][]span{}, rests: map[string][]span{}, queue: map[string]string{}, posts: map[string][]time.Time{}}
	rows, err := w.watch.db.Query(`SELECT d.message, d.channel, d.robot, l.at, l.attempt, l.class, l.code FROM ledger l JOIN deliveries d ON d.delivery = l.delivery ORDER BY l.id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var message, channel, robot, class, code string
		var at int64
		var attempt int
		if err := rows.Scan(&message, &channel, &robot, &at, &attempt, &class, &code); err != nil {
			return nil, err
		}
		var m notifier.Message
		if err := json.Unmarshal([]byte(message), &m); err != nil {
			return nil, err
		}
		b.enter(m.Notices, channel+robot, time.UnixMilli(at), attempt, notifier.Class(class), code)
	}
	return b, rows.Err()
}

func (b *ledger) enter(notices []string, queue string, at time.Time, attempt int, class notifier.Class, code string) {
	var wait time.Duration
	switch class {
	case notifier.Temporary:
		retries := notifier.DefaultOptions().Retries
		wait = retries[min(attempt, len(retries))-1]
		if code == "421" {
			wait = max(wait, 5*time.Minute)
		}
	case notifier.Ambiguous:
		wait = 10 * time.Minute
	case notifier.Paused:
		wait = 65 * time.Second
		if strings.HasPrefix(queue, postbox.Mail) {
			wait = 10 * time.Minute
		}
		b.rests[queue] = append(b.rests[queue], span{at.Add(-slack), at.Add(wait + slack)})
	}
	for _, id := range notices {
		b.queue[id] = queue
		if class == notifier.Ambiguous {
			b.doubt[id]++
		}
		if class != notifier.Accepted {
			b.excused[id] = append(b.excused[id], span{at.Add(-slack), at.Add(wait + slack/2)})
		}
	}
}

// compare holds every arrival against what was owed (I4, I5, I6).
func (w *world) compare(arrived map[string][]postbox.Arrival, b *ledger) {
	byNotice := map[string][]postbox.Arrival{}
	for key, list := range arrived {
		id, _, _ := strings.Cut(key, " ")
		byNotice[id] = append(byNotice[id], list...)
		for _, a := range list {
			if a.Channel == postbox.WeCom && !slices.ContainsFunc(b.posts[a.To], a.At.Equal) {
				b.posts[a.To] = append(b.posts[a.To], a.At)
			}
		}
	}
	x := &w.watch
	x.count.arrived, x.count.doubles = 0, 0
	for _, id := range x.inOrder {
		list := byNotice[id]
		delete(byNotice, id)
		if len(list) == 0 {
			continue
		}
		slices.SortFunc(list, func(a, c postbox.Arrival) int { return a.At.Compare(c.At) })
		w.judge(x.notices[id], list, b)
	}
	for id := range byNotice {
		w.bad("I4: notice %s arrived and is owed to nobody", id)
	}
}

func (w *world) judge(n *owed, list []postbox.Arrival, b *ledger) {
	x := &w.watch
	x.count.arrived += len(list)
	x.count.doubles += len(list) - 1
	if allowed := 1 + b.doubt[n.id] + x.mayDouble[n.id]; len(list) > allowed {
		w.bad("I5: notice %s %s came %d times, %d are allowed: %v", n.id, n.reason, len(list), allowed, list)
	}
	if first := list[0]; first.At.Before(n.at) || first.At.Before(n.ready) {
		w.bad("I4: notice %s %s came at %s, before %s", n.id, n.reason, first.At, n.ready)
	}
	last := list[len(list)-1].At
	if !n.taken.IsZero() && !n.again && last.After(n.taken.Add(61*time.Second)) {
		w.bad("I4: notice %s %s was withdrawn at %s and came at %s", n.id, n.reason, n.taken, last)
	}
	w.judgeTime(n, list[0], b)
}

// judgeTime: a minute of the time in which it could have gone, and for a robot
// a minute more for every 18 posts before it.
func (w *world) judgeTime(n *owed, first postbox.Arrival, b *ledger) {
	from := later(n.ready, n.made)
	if n.held || n.again || first.At.Sub(from) <= time.Minute {
		return
	}
	before := 0
	for _, at := range b.posts[first.To] {
		if !at.Before(from.Add(-time.Minute)) && !at.After(first.At) {
			before++
		}
	}
	excused := slices.Concat(w.trouble.excused, b.excused[n.id], b.rests[b.queue[n.id]])
	grace := time.Minute * time.Duration(1+before/18)
	if n.class == engine.Prompt { // it may wait behind another to the same receiver
		grace += notifier.DefaultOptions().PromptGap
	}
	if late := awake(w.cal, from, first.At, n.class == engine.Must, excused); late > grace {
		w.bad("I6: notice %s %s could go from %s, came at %s: %s too late", n.id, n.reason, from, first.At, late)
	}
}

// missing: what has not arrived must still be on its way, or somebody must see
// that it is not (I3).
func (w *world) missing(arrived map[string][]postbox.Arrival, b *ledger) error {
	came := map[string]bool{}
	for key := range arrived {
		id, _, _ := strings.Cut(key, " ")
		came[id] = true
	}
	rows, err := w.watch.db.Query(`SELECT o.id, o.state, o.ready, o.delivery, COALESCE(d.state, ''), COALESCE(d.next_at, 0), COALESCE(d.published, 0),
		(SELECT COUNT(*) FROM ledger l WHERE l.delivery = o.delivery) FROM outbox o LEFT JOIN deliveries d ON d.delivery = o.delivery`)
	if err != nil {
		return err
	}
	defer rows.Close()
	seen := 0
	for rows.Next() {
		var r outboxRow
		if err := rows.Scan(&r.id, &r.state, &r.ready, &r.delivery, &r.delState, &r.next, &r.published, &r.attempts); err != nil {
			return err
		}
		seen++
		w.placed(&r, came[r.id])
	}
	if seen != len(w.watch.inOrder) {
		w.bad("I3: the history owes %d notices, the outbox has %d", len(w.watch.inOrder), seen)
	}
	return rows.Err()
}

type outboxRow struct {
	id, state, delivery, delState    string
	ready, next, published, attempts int64
}

// placed says whether a notice is where it may be.
func (w *world) placed(r *outboxRow, came bool) {
	n := w.watch.notices[r.id]
	if n == nil {
		w.bad("I3: the outbox holds notice %s, which no step has sent", r.id)
		return
	}
	ok := false
	switch r.state {
	case "sent":
		ok = came
	case "withdrawn":
		ok = !n.taken.IsZero()
	case "dead":
		ok = r.delState == "dead" && r.attempts > 0
	case "held":
		ok = n.held
	case "waiting":
		ok = r.delivery == ""
	case "planned":
		ok = r.delState == "pending"
		if since := time.UnixMilli(r.published); r.published > 0 && w.now().Sub(since) > 20*time.Minute && !w.trouble.excuses(w.now()) {
			ok = false // on the bus, they say, and nobody has missed it
		}
	}
	if !ok {
		w.bad("I3: notice %s %s is %q in the outbox, its message %q is %q after %d attempts; arrived: %v", r.id, n.reason, r.state, r.delivery, r.delState, r.attempts, came)
	}
}
