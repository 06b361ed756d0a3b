package scheduler_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"duban/engine"
	"duban/engine/store"
	"duban/scheduler"
	"duban/workflows"
)

var bg = context.Background()

// raw is a second connection past the store, for accidents.
func (w *world) raw(sql string, args ...any) {
	w.t.Helper()
	db, err := sqlx.Open("sqlite", "file:"+w.file+"?_pragma=busy_timeout(5000)")
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(sql, args...); err != nil {
		w.t.Fatal(err)
	}
}

// rows says how much there is of everything a step writes.
func (w *world) rows() string {
	w.t.Helper()
	return fmt.Sprint(w.tally(store.Transitions), w.tally(store.ByInstanceKind), w.tally(store.ByNoticeState),
		w.tally(`SELECT name, value AS n FROM counters`), w.tally(`SELECT name, 1 AS n FROM meta`))
}

// fired counts how often each timer fired, over all instances.
func (w *world) fired() map[string]int {
	w.t.Helper()
	return w.tally(`SELECT json_extract(event, '$.timer') AS name, COUNT(*) AS n FROM history WHERE json_extract(event, '$.kind') = 'timer' GROUP BY 1`)
}

// many are assignments issued and due on the same days.
func many(t testing.TB, n int, issued, due string) (starts []engine.Start) {
	for i := range n {
		starts = append(starts, matter(i, fmt.Sprintf("第%d系", i%30), date(t, issued), date(t, due)))
	}
	return starts
}

// act is what a person of the lead unit or the office does.
func (w *world) act(slip string, kind engine.EventKind, data map[string]string, roles ...engine.Role) (engine.Instance, error) {
	return w.Act(bg, slip, 0, engine.Event{Kind: kind, Data: data}, func(*engine.Instance) engine.Actor {
		return engine.Actor{Person: "p" + string(roles[0]), Name: "张三", Roles: roles}
	})
}

func (w *world) mustAct(slip string, kind engine.EventKind, data map[string]string, roles ...engine.Role) engine.Instance {
	w.t.Helper()
	in, err := w.act(slip, kind, data, roles...)
	if err != nil {
		w.t.Fatal(err)
	}
	return in
}

func TestChildrenBeginWithTheirParentOrNotAtAll(t *testing.T) {
	w := newWorld(t, "2023-02-17")
	start := engine.Start{Workflow: "deployment", Key: "002/1/各系", Facts: engine.Facts{
		Unit: "各系", Units: []string{"甲系", "乙系", "丙系"}, Issued: date(t, "2023-02-17"), Due: date(t, "2023-02-28")}}
	w.raw(`CREATE TRIGGER accident BEFORE INSERT ON instances WHEN NEW.unit = '丙系' BEGIN SELECT RAISE(ABORT, 'accident'); END`)
	before := w.rows()
	if _, err := w.Begin(bg, []engine.Start{start}, nil); err == nil || !strings.Contains(err.Error(), "accident") {
		t.Fatalf("got %v", err)
	}
	if after := w.rows(); after != before {
		t.Errorf("before %s\nafter  %s", before, after)
	}
	w.raw(`DROP TRIGGER accident`)
	var changed []int64
	w.Changed = func(ins []engine.Instance) {
		for _, in := range ins {
			changed = append(changed, in.ID)
		}
	}
	if n := w.begin(start); n != 1 {
		t.Errorf("%d began, children not counted", n)
	}
	all := w.instances(store.Filter{})
	if len(all) != 4 || all[0].Open != 3 || all[3].Parent != all[0].ID || all[3].Unit != "丙系" {
		t.Fatalf("there are %+v", all)
	}
	if !slices.Equal(changed, []int64{1, 2, 3, 4}) {
		t.Errorf("told of %v", changed)
	}

	for i, child := range all[1:] {
		w.mustAct(child.Slip, "close", map[string]string{"result": "已部署"}, engine.RoleOffice)
		parent := w.instances(store.Filter{})[0]
		if want := map[bool]engine.State{false: "collecting", true: "complete"}[i == 2]; parent.State != want || parent.Open != 2-i {
			t.Errorf("after %d children the parent is %s with %d open", i+1, parent.State, parent.Open)
		}
	}
	// The last child and its parent ended in one transaction.
	h := w.history()
	last, prev := h[len(h)-1], h[len(h)-2]
	if last.Instance != all[0].ID || prev.Instance != all[3].ID || last.At != prev.At {
		t.Errorf("the last steps are of %d and %d", prev.Instance, last.Instance)
	}
	w.mustAct(all[2].Slip, "reopen", map[string]string{"reason": "材料不全"}, engine.RoleOffice)
	if parent := w.instances(store.Filter{})[0]; parent.State != "collecting" || parent.Open != 1 {
		t.Errorf("a child goes on, the parent is %s", parent.State)
	}
}

func TestAParentThatIsCancelledTakesItsOpenChildrenAlong(t *testing.T) {
	w := newWorld(t, "2023-02-17")
	w.begin(engine.Start{Workflow: "deployment", Key: "002/1/各系", Facts: engine.Facts{
		Unit: "各系", Units: []string{"甲系", "乙系", "丙系"}, Issued: date(t, "2023-02-17"), Due: date(t, "2023-02-28")}})
	all := w.instances(store.Filter{})
	w.mustAct(all[1].Slip, "close", map[string]string{"result": "已部署"}, engine.RoleOffice)
	w.mustAct(all[0].Slip, "cancel", map[string]string{"reason": "改为自行部署"}, engine.RoleOffice)
	var states []engine.State
	for _, in := range w.instances(store.Filter{}) {
		states = append(states, in.State)
	}
	if want := []engine.State{"cancelled", "closed", "cancelled", "cancelled"}; !slices.Equal(states, want) {
		t.Errorf("the states are %v, want %v", states, want)
	}
	h := w.history()
	if first, last := h[len(h)-5], h[len(h)-1]; first.Instance != all[0].ID || first.At != last.At {
		t.Errorf("not in one transaction: %+v … %+v", first, last)
	}
	if n := w.until(w.cal.Closing(date(t, "2023-12-31"))); n != 0 {
		t.Errorf("%d timers of what was cancelled fired", n)
	}
}

func TestTheSameStartTwiceBeginsOnce(t *testing.T) {
	w := newWorld(t, "2023-02-17")
	starts := many(t, 3, "2023-02-17", "2023-06-30")
	if n := w.begin(starts[:2]...); n != 2 {
		t.Errorf("%d began", n)
	}
	if n := w.begin(starts...); n != 1 {
		t.Errorf("%d began of one new", n)
	}
	before := w.rows()
	if n := w.begin(starts...); n != 0 || w.rows() != before {
		t.Errorf("%d began of none new", n)
	}
}

func TestWhatBelongsToAStartIsWrittenWithIt(t *testing.T) {
	w := newWorld(t, "2023-02-17")
	before := w.rows()
	starts := many(t, 2, "2023-02-17", "2023-06-30")
	broken := errors.New("the same plan")
	for name, c := range map[string]struct {
		starts []engine.Start
		extra  error
		want   string
	}{
		"the extra fails":       {starts, broken, "the same plan"},
		"no such workflow":      {append(slices.Clone(starts), engine.Start{Workflow: "nothing", Key: "n"}), nil, `workflow "nothing" is not known`},
		"no start of that name": {append(slices.Clone(starts), engine.Start{Workflow: "assignment", Name: "no", Key: "n"}), nil, "start n: engine: guard"},
	} {
		n, err := w.Begin(bg, c.starts, func(tx *store.Tx) error { return errors.Join(tx.SetMeta("plan", "x"), c.extra) })
		if err == nil || n != 0 || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %d, %v", name, n, err)
		}
		if after := w.rows(); after != before {
			t.Errorf("%s: before %s\nafter  %s", name, before, after)
		}
	}
	if _, err := w.Begin(bg, starts, func(tx *store.Tx) error { return tx.SetMeta("plan", "x") }); err != nil || len(w.instances(store.Filter{})) != 2 {
		t.Error(err)
	}
}

func TestAnActIsCarriedOutOrRefusedWithoutATrace(t *testing.T) {
	w := newWorld(t, "2023-02-17")
	w.begin(many(t, 1, "2023-02-17", "2023-06-30")...)
	slip := "2023-0001"
	w.Changed = func([]engine.Instance) { t.Error("told of something that did not happen") }
	before := w.rows()

	if _, err := w.act("2023-9999", "report", nil, engine.RoleLead); !errors.Is(err, store.ErrNotFound) || !strings.Contains(err.Error(), "2023-9999") {
		t.Errorf("an unknown number: %v", err)
	}
	for _, c := range []struct {
		kind engine.EventKind
		role engine.Role
		code string
	}{
		{"fly", engine.RoleOffice, "unknown_event"}, {"resume", engine.RoleOffice, "not_now"},
		{"reassign", engine.RoleLead, "not_you"}, {"report", engine.RoleLead, "missing"},
	} {
		_, err := w.act(slip, c.kind, nil, c.role)
		if r, refused := scheduler.IsRefusal(err); !refused || r.Code != c.code {
			t.Errorf("%s by %s: %v", c.kind, c.role, err)
		}
	}
	if after := w.rows(); after != before {
		t.Errorf("before %s\nafter  %s", before, after)
	}
	if _, refused := scheduler.IsRefusal(errors.New("disk full")); refused {
		t.Error("a full disk is no refusal")
	}

	w.Changed = nil
	in := w.mustAct(slip, "acknowledge", nil, engine.RoleLead)
	if in.State != "in_progress" || in.Version != 2 || w.tally(store.ByNoticeState)["withdrawn"] != 0 {
		t.Errorf("signed: %+v", in)
	}
	// Somebody whose page still shows version 1 is told who was first.
	_, err := w.Act(bg, slip, 1, engine.Event{Kind: "acknowledge"}, func(*engine.Instance) engine.Actor {
		return engine.Actor{Person: "li", Name: "李四", Roles: []engine.Role{engine.RoleLead}}
	})
	var c *store.Conflict
	if !errors.As(err, &c) || c.By != "张三" || c.Kind != "acknowledge" || !c.At.Equal(w.clock.now()) {
		t.Errorf("got %v", err)
	}
	// Whoever acts is looked up once the matter is known.
	_, err = w.Act(bg, slip, 2, engine.Event{Kind: "report", Data: map[string]string{"progress": "八成"}}, func(in *engine.Instance) engine.Actor {
		return engine.Actor{Person: "head of " + in.Unit, Name: "王五", Roles: []engine.Role{engine.RoleLead}}
	})
	if got := w.instances(store.Filter{})[0]; err != nil || !slices.Contains(got.Handlers, "head of 第0系") || got.Version != 3 {
		t.Errorf("%+v, %v", got, err)
	}
}

// second is a library in which the first reminder to sign comes later.
func second(t *testing.T) *workflows.Library {
	t.Helper()
	text, err := os.ReadFile("../workflows/ladder.yaml")
	if err != nil {
		t.Fatal(err)
	}
	edited := strings.Replace(string(text), "at: entered + 2wd", "at: entered + 6wd", 1)
	if edited == string(text) {
		t.Fatal("the ladder has changed; this test edits its first rung")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "ladder.yaml"), []byte(edited), 0o600); err != nil {
		t.Fatal(err)
	}
	lib, faults := workflows.LoadDir(dir)
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	return lib
}

func TestARunningInstanceStaysOnItsVersion(t *testing.T) {
	w := newWorld(t, "2023-02-17")
	w.begin(matter(1, "甲系", date(t, "2023-02-17"), date(t, "2023-06-30")))
	w.db.Close()
	w.open(second(t))
	w.begin(matter(2, "乙系", date(t, "2023-02-17"), date(t, "2023-06-30")))
	all := w.instances(store.Filter{})
	if all[0].DefHash == all[1].DefHash {
		t.Fatal("both run on one version")
	}
	signed := func(day string) (ids []int64) {
		w.until(w.cal.Closing(date(t, day)))
		for _, h := range w.history() {
			if strings.Contains(h.Event, `"unsigned_liaison"`) {
				ids = append(ids, h.Instance)
			}
		}
		return ids
	}
	if got := signed("2023-02-21"); !slices.Equal(got, []int64{1}) {
		t.Errorf("after two days reminded: %v", got)
	}
	if got := signed("2023-02-27"); !slices.Equal(got, []int64{1, 2}) {
		t.Errorf("after six days reminded: %v", got)
	}
	if in := w.mustAct("2023-0001", "acknowledge", nil, engine.RoleLead); in.State != "in_progress" {
		t.Errorf("an act on the old version: %s", in.State)
	}
}

// What a parent spawns into its own workflow runs by the parent's version.
func TestChildrenOfOneWorkflowRunByTheirParentsVersion(t *testing.T) {
	w := newWorld(t, "2023-02-17")
	w.begin(engine.Start{Workflow: "review", Key: "002/2", Facts: engine.Facts{Unit: "党政办公室", Units: []string{"甲系"},
		Issued: date(t, "2023-02-17"), Due: date(t, "2023-06-30")}})
	w.db.Close()
	w.open(second(t))
	w.until(w.cal.Opening(date(t, "2023-06-08")))
	all := w.instances(store.Filter{})
	if len(all) != 2 || all[1].Kind != engine.KindAsked || all[1].DefHash != all[0].DefHash {
		t.Errorf("there are %+v", all)
	}
}

func TestManyActAtOnceWithTheTimers(t *testing.T) {
	w := newWorld(t, "2023-02-17")
	w.begin(many(t, 40, "2023-02-17", "2023-06-30")...)
	w.at("2023-02-21 09:00")
	done := make(chan error, 41)
	go func() { _, err := w.RunDue(bg); done <- err }()
	for i := range 40 {
		go func() {
			_, err := w.act(fmt.Sprintf("2023-%04d", i+1), "acknowledge", nil, engine.RoleLead)
			done <- err
		}()
	}
	for range 41 {
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(time.Minute):
			t.Fatal("it hangs")
		}
	}
	if n := w.tally(`SELECT state AS name, COUNT(*) AS n FROM instances GROUP BY state`)["in_progress"]; n != 40 {
		t.Errorf("%d signed", n)
	}
	if _, _, err := w.db.VerifyChain(bg); err != nil {
		t.Error(err)
	}
}
