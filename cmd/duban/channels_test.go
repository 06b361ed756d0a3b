package main

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"duban/cmd/duban/internal/config"
	"duban/engine/org"
	"duban/notifier"
	"duban/seeds"
)

func TestReachable(t *testing.T) {
	school, err := seeds.Org()
	if err != nil {
		t.Fatal(err)
	}
	keys := func(names ...string) []config.Robot {
		var out []config.Robot
		for _, n := range names {
			out = append(out, config.Robot{Name: n, Key: "k"})
		}
		return out
	}
	var all []string
	for _, r := range school.Robots {
		all = append(all, r.Name)
	}
	for name, c := range map[string]struct {
		host     string
		robots   []config.Robot
		warnings []string // each begins with one
		left     []string
	}{
		"everything is there":      {"mx", keys(all...), nil, all},
		"one unit has no key":      {"mx", keys(append([]string{"zhongceng"}, all[1:]...)...), []string{"robot dangzhengban of 党政办督办群 has no key"}, all[1:]},
		"the shared group has not": {"mx", keys(all[:len(all)-1]...), []string{"robot zhongceng of 中层干部群 has no key under wecom.robots: messages to the shared group"}, all},
		"no mail, a key too many":  {"", keys(append(all, "old")...), []string{"mail.host is empty", "wecom.robots: the organisation has no robot called old"}, all},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config.Default()
			cfg.Mail.Host, cfg.WeCom.Robots = c.host, c.robots
			got, warnings, err := reachable(cfg, school)
			if err != nil {
				t.Fatal(err)
			}
			if len(warnings) != len(c.warnings) {
				t.Fatalf("warnings %q", warnings)
			}
			for i, w := range c.warnings {
				if !strings.HasPrefix(warnings[i], w) {
					t.Errorf("warning %q, want %q…", warnings[i], w)
				}
			}
			var left []string
			for _, r := range got.Robots {
				left = append(left, r.Name)
			}
			if !reflect.DeepEqual(left, c.left) {
				t.Errorf("robots %v, want %v", left, c.left)
			}
			if _, ok := got.RobotOf("党政办公室"); ok != (left[0] == "dangzhengban") {
				t.Errorf("党政办公室 has a robot: %v", ok)
			}
		})
	}
}

// Taking robots out leaves everything else of an organisation as it was, also
// texts that look like numbers or dates.
func TestWithRobotsKeepsTheRest(t *testing.T) {
	odd := strings.Replace(schoolFile, "name: 吴秀兰,", `name: "2023-01-01", wecom: "007", `, 1)
	for name, text := range map[string]string{"school": schoolFile, "odd": odd} {
		before, faults := org.Load("school.yaml", []byte(text))
		if faults != nil {
			t.Fatal(faults)
		}
		after, err := withRobots(before, nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(after.Robots) != 0 {
			t.Errorf("%s: robots %v", name, after.Robots)
		}
		for _, pair := range [][2]any{{before.Name, after.Name}, {before.Phone, after.Phone}, {before.People, after.People}, {before.Posts, after.Posts}, {before.Leave, after.Leave}} {
			if !reflect.DeepEqual(pair[0], pair[1]) {
				t.Errorf("%s: %+v became %+v", name, pair[0], pair[1])
			}
		}
		if u, ok := after.Unit("组织部"); !ok || u.Name != "党委组织部" || after.Office().Name != "效能办" {
			t.Errorf("%s: units %+v", name, after.Units)
		}
	}
}

// slow is a channel whose far side answers after a while.
type slow struct{ answer time.Duration }

func (slow) Name() string { return "mail" }

func (s slow) Send(ctx context.Context, _ notifier.Message) notifier.Result {
	select {
	case <-time.After(s.answer):
		return notifier.Result{Class: notifier.Accepted}
	case <-ctx.Done():
		return notifier.Result{Class: notifier.Temporary}
	}
}

func TestAttemptsEndWithTheService(t *testing.T) {
	for name, c := range map[string]struct {
		answer, stops, takes time.Duration
		class                notifier.Class
	}{
		"nobody stops it":            {30 * time.Second, time.Hour, 30 * time.Second, notifier.Accepted},
		"an answer in the last hour": {4 * time.Second, time.Second, 4 * time.Second, notifier.Accepted},
		"no answer any more":         {time.Minute, time.Second, time.Second + attemptsEnd, notifier.Temporary},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				stopping, stop := context.WithTimeout(t.Context(), c.stops)
				defer stop()
				began := time.Now()
				r := ending{slow{c.answer}, stopping}.Send(t.Context(), notifier.Message{})
				if took := time.Since(began); r.Class != c.class || took != c.takes {
					t.Errorf("%s after %s, want %s after %s", r.Class, took, c.class, c.takes)
				}
			})
		})
	}
}

func TestChannelsOfAConfig(t *testing.T) {
	h := newHouse(t, "")
	cfg, err := loadConfig(h.config)
	if err != nil {
		t.Fatal(err)
	}
	cs, err := channels(t.Context(), cfg)
	if err != nil || len(cs) != 2 || cs[0].Name() != "mail" || cs[1].Name() != "wecom" {
		t.Fatalf("channels %v: %v", cs, err)
	}
	r := cs[1].Send(t.Context(), notifier.Message{To: notifier.Receiver{Robot: "jiaowu"}, Text: "x"})
	if r.Class != notifier.Permanent {
		t.Errorf("a robot without a key: %+v", r)
	}
	cfg.Mail.Host = ""
	if cs, err = channels(t.Context(), cfg); err != nil || len(cs) != 1 || cs[0].Name() != "wecom" {
		t.Errorf("without a mail server: channels %v: %v", cs, err) // the notifier stands in
	}
}
