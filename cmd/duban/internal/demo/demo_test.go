package demo_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"duban/cmd/duban/internal/demo"
	"duban/engine/calendar"
	"duban/plan"
	"duban/seeds"
)

// play runs a demo from its folder to the end and sums it up.
func play(t *testing.T, o demo.Options) *demo.Summary {
	t.Helper()
	ctx := t.Context()
	d, err := demo.Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := d.Run(ctx); err != nil {
		t.Fatal(err)
	}
	s, err := d.Summarise(ctx, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// lasting is what must be the same in every run of the same seed.
func lasting(t *testing.T, s *demo.Summary) string {
	t.Helper()
	c := *s
	c.Seconds, c.Duplicates = 0, 0
	c.Deliveries.Mail.Received, c.Deliveries.WeCom.Received = 0, 0
	b, err := json.Marshal(&c)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestTheYearsRun(t *testing.T) {
	s := play(t, demo.Options{Dir: t.TempDir(), Seed: 1})
	if s.Plans != 5 || s.Items != 98 || s.Rounds != 43 {
		t.Errorf("%d plans, %d items, %d rounds; want 5, 98, 43", s.Plans, s.Items, s.Rounds)
	}
	if s.From != "2020-06-12" || s.To != "2024-01-15" {
		t.Errorf("from %s to %s", s.From, s.To)
	}
	if s.Closed+s.Open != s.Assignments || s.Assignments < 150 {
		t.Errorf("%d closed + %d open of %d assignments", s.Closed, s.Open, s.Assignments)
	}
	if err := s.Err(); err != nil || s.Duplicates != 0 {
		t.Errorf("%v; %d duplicates; %v", err, s.Duplicates, s.Violations)
	}
	if s.Deliveries.Mail.Sent != s.Deliveries.Mail.Received || s.Deliveries.WeCom.Sent != s.Deliveries.WeCom.Received {
		t.Errorf("sent and received differ: %+v", s.Deliveries)
	}
	for _, reason := range []string{"issued", "unsigned", "week_ahead", "three_days", "eve", "due_day", "overdue", "sponsor", "named", "principal",
		"thanks", "returned", "extended", "instructed", "round_ask", "review_ask", "ask_date", "term_week_10", "weekly"} {
		if s.Notices[reason] == 0 {
			t.Errorf("no notice %s in three and a half years", reason)
		}
	}
	if s.Escalations.Sponsor == 0 || s.Escalations.Principal == 0 || s.Escalations.Principal > s.Escalations.Sponsor {
		t.Errorf("escalations %+v", s.Escalations)
	}
	var out strings.Builder
	s.Print(&out)
	for _, words := range []string{"督办件", "党政办公室", "按计划", "遗漏 0"} {
		if !strings.Contains(out.String(), words) {
			t.Errorf("the summary does not say %s", words)
		}
	}
}

func TestTheSameSeedGivesTheSameYears(t *testing.T) {
	a, b, c := play(t, short(t, 7)), play(t, short(t, 7)), play(t, short(t, 8))
	if x, y := lasting(t, a), lasting(t, b); x != y {
		t.Errorf("one seed, two runs:\n%s\n%s", x, y)
	}
	if maps.Equal(a.Notices, c.Notices) {
		t.Error("other departments behave the same")
	}
}

// short is half a year that has everything: 2023's plans from February on.
func short(t *testing.T, seed int) demo.Options {
	t.Helper()
	return demo.Options{Dir: t.TempDir(), Seed: seed, From: calendar.Of(2023, 2, 17), To: calendar.Of(2023, 8, 31), Plans: plansOf(t, "000", "001", "002")}
}

func plansOf(t *testing.T, keys ...string) []*plan.Plan {
	t.Helper()
	all, err := seeds.Plans()
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(p *plan.Plan) bool { return !slices.Contains(keys, p.Key()) })
}

func TestAnotherDateInAPlanGivesOtherMessages(t *testing.T) {
	before := play(t, short(t, 3))
	o := short(t, 3)
	for _, p := range o.Plans {
		for i := range p.Items {
			if it := &p.Items[i]; it.No == "三.(一).1" {
				it.Deadlines[0].End = calendar.Of(2023, 3, 31)
			}
		}
	}
	after := play(t, o)
	if lasting(t, before) == lasting(t, after) {
		t.Error("a deadline moved by a month and nothing changed")
	}
	if before.Notices["week_ahead"] >= after.Notices["week_ahead"] {
		t.Errorf("week_ahead %d before, %d after: the longer period asks for the week's reminder", before.Notices["week_ahead"], after.Notices["week_ahead"])
	}
	if err := after.Err(); err != nil {
		t.Error(err, after.Violations)
	}
}

func TestARunThatWasStoppedGoesOn(t *testing.T) {
	whole := play(t, short(t, 5))
	o := short(t, 5)
	for _, days := range []time.Duration{20, 60, 120} {
		ctx, cancel := context.WithCancel(t.Context())
		d, err := demo.Open(ctx, o)
		if err != nil {
			t.Fatal(err)
		}
		stop := time.Date(2023, 2, 17, 9, 0, 0, 0, time.UTC).Add(days * 24 * time.Hour)
		d.OnInstant = func(now time.Time) {
			if now.After(stop) {
				cancel()
			}
		}
		if err := d.Run(ctx); !errors.Is(err, context.Canceled) {
			t.Fatalf("stopped run: %v", err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(filepath.Join(o.Dir, "jetstream")); err != nil { // the bus is only a doorbell
			t.Fatal(err)
		}
		cancel()
	}
	pieces := play(t, o)
	if a, b := lasting(t, whole), lasting(t, pieces); a != b {
		t.Errorf("in one piece:\n%s\nin four:\n%s", a, b)
	}
}
