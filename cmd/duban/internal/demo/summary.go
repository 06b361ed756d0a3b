package demo

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"duban/cmd/duban/internal/app"
	"duban/cmd/duban/internal/columns"
	"duban/engine"
	"duban/engine/calendar"
	"duban/engine/store"
	"duban/notifier/postbox"
)

// Summary is what a run came to, in the form scripts read.
type Summary struct {
	From        string         `json:"from"`
	To          string         `json:"to"`
	Plans       int            `json:"plans"`
	Items       int            `json:"items"`
	Assignments int            `json:"assignments"`
	Closed      int            `json:"closed"`
	Open        int            `json:"open"`
	Waiting     int            `json:"waiting"` // items that wait for the office
	Transitions int            `json:"transitions"`
	Notices     map[string]int `json:"notices"` // owed, by reason
	Deliveries  Deliveries     `json:"deliveries"`
	Escalations Escalations    `json:"escalations"`
	Rounds      int            `json:"rounds"`
	Lost        int            `json:"lost"`
	Duplicates  int            `json:"duplicates"`
	Early       int            `json:"early"`
	Late        int            `json:"late"`
	Violations  []string       `json:"violations"`
	Seconds     float64        `json:"seconds"`

	ByPlan []Line `json:"-"`
	ByUnit []Line `json:"-"`
}

// Deliveries are messages by channel: sent says the ledger, received the post box.
type Deliveries struct {
	Mail struct {
		Sent     int `json:"sent"`
		Received int `json:"received"`
	} `json:"mail"`
	WeCom struct {
		Sent           int `json:"sent"`
		Received       int `json:"received"`
		RateViolations int `json:"rate_violations"`
	} `json:"wecom"`
}

// Escalations count assignments that reached a rung.
type Escalations struct {
	Sponsor   int `json:"sponsor"`
	Principal int `json:"principal"`
}

// Line is one row of a table: a plan or a unit.
type Line struct {
	Name                                                  string
	Assigned, Reminded, Chased, Escalated, Closed, InTime int
}

// Open are the assignments of a row that have not ended.
func (l Line) Open() int { return l.Assigned - l.Closed }

// Summarise checks the run independently of the sender and adds it up.
func (d *Demo) Summarise(ctx context.Context, took time.Duration) (*Summary, error) {
	rep, err := app.Replay(ctx, d.App.DB, d.App.Runner.Definition, d.App.Calendar)
	if err != nil {
		return nil, fmt.Errorf("demo: replay: %w", err)
	}
	s := &Summary{From: d.opts.From.String(), To: d.opts.To.String(), Transitions: rep.Steps, Notices: map[string]int{},
		Violations: append([]string{}, rep.Faults...), Seconds: float64(took.Milliseconds()) / 1000}
	if err := d.count(ctx, s); err != nil {
		return nil, err
	}
	s.tables(rep)
	arrived, err := d.Box.Notices(ctx, "")
	if err != nil {
		return nil, err
	}
	s.compare(rep.Owed, arrived, d.App.Calendar)
	return s, nil
}

func (d *Demo) count(ctx context.Context, s *Summary) error {
	plans, err := d.App.DB.Plans(ctx)
	if err != nil {
		return err
	}
	items, err := d.App.DB.Items(ctx)
	if err != nil {
		return err
	}
	s.Plans, s.Items = len(plans), len(items)
	for _, it := range items {
		if it.Status == "waiting" {
			s.Waiting++
		}
	}
	sent, err := d.App.DB.Tally(ctx, store.SentByChannel)
	if err != nil {
		return err
	}
	s.Deliveries.Mail.Sent, s.Deliveries.WeCom.Sent = sent["mail"], sent["wecom"]
	if s.Deliveries.Mail.Received, s.Deliveries.WeCom.Received, err = d.Box.Received(ctx); err != nil {
		return err
	}
	s.Deliveries.WeCom.RateViolations, err = d.Box.Violations(ctx)
	return err
}

// tables adds up instances and owed notices by plan and by unit.
func (s *Summary) tables(rep *app.Replayed) {
	plans, units := map[string]*Line{}, map[string]*Line{}
	row := func(m map[string]*Line, name string) *Line {
		if m[name] == nil {
			m[name] = &Line{Name: name}
		}
		return m[name]
	}
	both := func(in *engine.Instance, do func(*Line)) {
		do(row(plans, in.Plan+" "+in.PlanTitle))
		do(row(units, in.Unit))
	}
	for _, in := range rep.Instances {
		if in.Kind == engine.KindRound {
			s.Rounds++
		}
		if in.Kind != engine.KindAssignment {
			continue
		}
		s.Assignments++
		both(&in, func(l *Line) { l.Assigned++ })
		if in.Closed.IsZero() {
			s.Open++
			continue
		}
		s.Closed++
		both(&in, func(l *Line) {
			l.Closed++
			if in.Light != "red" {
				l.InTime++
			}
		})
	}
	s.notices(rep, both)
	byName := func(a, b Line) int { return strings.Compare(a.Name, b.Name) }
	for _, l := range plans {
		s.ByPlan = append(s.ByPlan, *l)
	}
	for _, l := range units {
		s.ByUnit = append(s.ByUnit, *l)
	}
	slices.SortFunc(s.ByPlan, byName)
	slices.SortFunc(s.ByUnit, func(a, b Line) int {
		if a.Assigned != b.Assigned {
			return b.Assigned - a.Assigned
		}
		return byName(a, b)
	})
}

func (s *Summary) notices(rep *app.Replayed, both func(*engine.Instance, func(*Line))) {
	escalated := map[string]map[int64]bool{"sponsor": {}, "principal": {}}
	for _, o := range rep.Owed {
		s.Notices[o.Reason]++
		in := rep.Instances[o.Instance]
		if in.Kind != engine.KindAssignment {
			continue
		}
		switch o.Reason {
		case "sponsor", "principal":
			if !escalated[o.Reason][o.Instance] {
				escalated[o.Reason][o.Instance] = true
				both(&in, func(l *Line) { l.Escalated++ })
			}
		case "overdue":
			both(&in, func(l *Line) { l.Chased++ })
		case "unsigned", "week_ahead", "three_days", "eve", "due_day", "sixty_days", "twenty_days", "term_week_10", "term_week_16":
			both(&in, func(l *Line) { l.Reminded++ })
		}
	}
	s.Escalations = Escalations{Sponsor: len(escalated["sponsor"]), Principal: len(escalated["principal"])}
}

// compare holds what the post box got against what was owed.
func (s *Summary) compare(owed []app.Owed, arrived map[string][]postbox.Arrival, cal *calendar.Calendar) {
	byNotice := map[string][]postbox.Arrival{}
	copies := map[string]int{} // of each message: how often any one notice in it came with it
	for key, list := range arrived {
		id, _, _ := strings.Cut(key, " ")
		byNotice[id] = append(byNotice[id], list...)
		n := map[string]int{}
		for _, a := range list {
			n[a.Channel+a.Key]++
			copies[a.Channel+a.Key] = max(copies[a.Channel+a.Key], n[a.Channel+a.Key])
		}
	}
	for _, n := range copies {
		s.Duplicates += n - 1
	}
	posts := byReceiver(arrived)
	for _, o := range owed {
		list := byNotice[o.ID]
		delete(byNotice, o.ID)
		if len(list) == 0 {
			if o.Withdrawn.IsZero() || o.Withdrawn.After(spaced(&o, cal)) {
				s.Lost++
			}
			continue
		}
		slices.SortFunc(list, func(a, b postbox.Arrival) int { return a.At.Compare(b.At) })
		first := list[0]
		if i := slices.IndexFunc(list, func(a postbox.Arrival) bool { return a.Key != first.Key }); i > 0 {
			s.Violations = append(s.Violations, "notice "+o.ID+" came in two messages: "+first.Key+" and "+list[i].Key)
		}
		if first.At.Before(o.At) || first.At.Before(o.Ready) {
			s.Early++
		}
		if first.At.After(allowed(&o, first, posts[first.To], cal)) {
			s.Late++
		}
	}
	for _, id := range slices.Sorted(maps.Keys(byNotice)) {
		s.Violations = append(s.Violations, "notice "+id+" was received but is owed to nobody")
	}
}

// byReceiver are the distinct arrivals at each mail address and robot.
func byReceiver(arrived map[string][]postbox.Arrival) map[string][]postbox.Arrival {
	out := map[string][]postbox.Arrival{}
	for _, list := range arrived {
		for _, a := range list {
			if !slices.Contains(out[a.To], a) {
				out[a.To] = append(out[a.To], a)
			}
		}
	}
	return out
}

// allowed is the latest moment a notice is in time: a minute after digest, quiet
// hours, the robot's minute and the spacing of prompt notices let it go.
func allowed(o *app.Owed, a postbox.Arrival, at []postbox.Arrival, cal *calendar.Calendar) time.Time {
	from := free(o)
	before := 0
	for _, p := range at {
		if a.Channel == postbox.WeCom && !p.At.Before(from.Add(-time.Minute)) && !p.At.After(a.At) {
			before++
		}
	}
	justHad := func(p postbox.Arrival) bool { return p.At.Before(from) && p.At.After(from.Add(-promptGap)) }
	if o.Class == engine.Prompt && slices.ContainsFunc(at, justHad) {
		from = spaced(o, cal)
	}
	return from.Add(time.Minute * time.Duration(1+before/18))
}

// free is when a notice may go for its own part.
func free(o *app.Owed) time.Time {
	if o.Made.After(o.Ready) {
		return o.Made
	}
	return o.Ready
}

// promptGap is what lies between two prompt messages to one receiver.
const promptGap = 10 * time.Minute

// spaced is when a prompt notice goes at the latest whose receiver has just had one.
func spaced(o *app.Owed, cal *calendar.Calendar) time.Time {
	t := free(o).Add(promptGap)
	if !cal.MaySend(t) {
		return cal.NextMorning(t)
	}
	return t
}

// Print writes the summary for people.
func (s *Summary) Print(w io.Writer) {
	fmt.Fprintf(w, "督办演示  %s 至 %s   用时 %.1f 秒\n\n", s.From, s.To, s.Seconds)
	fmt.Fprintf(w, "计划 %d 份，事项 %d 条（其中 %d 条待明确时限或牵头单位）\n", s.Plans, s.Items, s.Waiting)
	fmt.Fprintf(w, "督办件 %d 件：办结 %d 件，在办 %d 件；月度督办 %d 轮；状态变化 %d 次\n", s.Assignments, s.Closed, s.Open, s.Rounds, s.Transitions)
	fmt.Fprintf(w, "提级：分管校领导 %d 件，主要领导 %d 件\n\n", s.Escalations.Sponsor, s.Escalations.Principal)
	table(w, "按计划", s.ByPlan)
	table(w, "按单位", s.ByUnit)
	fmt.Fprintf(w, "发出：邮件 %d 封（收到 %d），企业微信 %d 条（收到 %d，超频 %d 次）\n",
		s.Deliveries.Mail.Sent, s.Deliveries.Mail.Received, s.Deliveries.WeCom.Sent, s.Deliveries.WeCom.Received, s.Deliveries.WeCom.RateViolations)
	fmt.Fprint(w, "通知：")
	for i, reason := range slices.SortedFunc(maps.Keys(s.Notices), func(a, b string) int {
		if s.Notices[a] != s.Notices[b] {
			return s.Notices[b] - s.Notices[a]
		}
		return strings.Compare(a, b)
	}) {
		if i > 0 {
			fmt.Fprint(w, "，")
		}
		fmt.Fprintf(w, "%s %d", reason, s.Notices[reason])
	}
	fmt.Fprintf(w, "\n核对（按历史逐步重放）：遗漏 %d，重复 %d，提前 %d，迟到 %d，不一致 %d\n", s.Lost, s.Duplicates, s.Early, s.Late, len(s.Violations))
	for _, v := range s.Violations {
		fmt.Fprintln(w, "  !", v)
	}
}

func table(w io.Writer, title string, lines []Line) {
	fmt.Fprintln(w, columns.Pad(title, 40)+"  督办件  提醒  催办  提级  办结  按期  在办")
	for _, l := range lines {
		fmt.Fprintf(w, "%s  %6d%6d%6d%6d%6d%6d%6d\n", columns.Pad(l.Name, 40), l.Assigned, l.Reminded, l.Chased, l.Escalated, l.Closed, l.InTime, l.Open())
	}
	fmt.Fprintln(w)
}

// Err is an error when the check found anything wrong: duplicates alone are
// allowed, after a kill they are the price of losing nothing.
func (s *Summary) Err() error {
	if s.Lost+s.Early+s.Late+len(s.Violations)+s.Deliveries.WeCom.RateViolations > 0 {
		return fmt.Errorf("demo: the check found faults: %d lost, %d early, %d late, %d violations", s.Lost, s.Early, s.Late, len(s.Violations))
	}
	return nil
}
