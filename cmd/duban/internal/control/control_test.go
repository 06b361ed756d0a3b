package control_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"duban/cmd/duban/internal/app"
	"duban/cmd/duban/internal/control"
	"duban/engine/calendar"
	"duban/engine/fault"
	"duban/seeds"
	"duban/workflows"
)

const planFile = `title: 要点
issued: 2023-02-17
items:
  - {no: "1", heading: 干部队伍, lead: [组织部], deadlines: [{text: 6月底, kind: point, end: 2023-06-30}]}
  - {no: "2", heading: 节约}
`

func open(t *testing.T) *app.App {
	t.Helper()
	var p app.Parts
	var errs [3]error
	p.Org, errs[0] = seeds.Org()
	p.Calendar, errs[1] = seeds.Calendar()
	p.Library, errs[2] = workflows.Embedded()
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	p.File = filepath.Join(t.TempDir(), "duban.db")
	p.Now = func() time.Time { return time.Date(2023, 2, 21, 2, 0, 0, 0, time.UTC) }
	a, err := app.OpenStore(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

// through serves an App on a socket and dials it.
func through(t *testing.T, a *app.App) (*control.Client, string) {
	t.Helper()
	dir := t.TempDir()
	l, err := control.Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: control.Handler(a)}
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })
	c, err := control.Dial(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return c, dir
}

// story is what one client asks for in a row; the answers and errors as JSON.
func story(t *testing.T, c *control.Client) []string {
	t.Helper()
	ctx := t.Context()
	var out []string
	tell := func(v any, err error) {
		if err != nil {
			v = map[string]any{"type": reflect.TypeOf(err).String(), "err": err}
		}
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(b))
	}
	file := control.PlanFile{Name: "要点 2023&x=.yaml", Data: []byte(planFile)}
	added, err := c.AddPlan(ctx, file)
	tell(added, err)
	added, err = c.AddPlan(ctx, file)
	tell(added, err)
	added, err = c.AddPlan(ctx, control.PlanFile{Name: "bad.yaml", Data: []byte("items: [{no: 1, x: 2}]")})
	tell(added, err)
	for _, a := range []control.Act{
		{Slip: "2023-0001", Event: "acknowledge", By: "周志强"}, {Slip: "2023-0001", Event: "close", By: "周志强"},
		{Slip: "2023-0001", Event: "report", By: "周志强", Version: 1}, {Slip: "x", Event: "report", By: "周志强"},
	} {
		acted, err := c.Act(ctx, a)
		tell(acted, err)
	}
	found, err := c.Outbox(ctx, control.Query{State: control.Waiting, Limit: 1})
	tell(found, err)
	found, err = c.Outbox(ctx, control.Query{State: "lost"})
	tell(found, err)
	moved, err := c.Resend(ctx, "no such key")
	tell(moved, err)
	moved, err = c.Resend(ctx)
	tell(moved, err)
	moved, err = c.Release(ctx)
	tell(moved, err)
	return out
}

func TestSocketAndInsideAnswerAlike(t *testing.T) {
	outside, _ := through(t, open(t))
	got, want := story(t, outside), story(t, control.Inside(control.Handler(open(t))))
	if !reflect.DeepEqual(got, want) {
		t.Errorf("through the socket\n%s\ninside\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for i, words := range []string{
		`"plan":"要点 2023\u0026x="`, `"same":true,"title":"要点","since":"2023-02-21T10:00:00+08:00"`, `"fault.List"`,
		`"state":"in_progress","title":"办理中","version":2`, `"kind":"refused"`, `"kind":"conflict"`, `"kind":"usage"`,
		`"counts":{"dead":0,"held":0,"pending":0,"waiting":2}`, `"kind":"usage"`, `"kind":"usage"`, `{"count":0}`, `{"count":0}`,
	} {
		if !strings.Contains(want[i], words) {
			t.Errorf("answer %d: no %s in %s", i, words, want[i])
		}
	}
}

func TestFaultsCrossTheSocketWhole(t *testing.T) {
	c, _ := through(t, open(t))
	_, err := c.AddPlan(t.Context(), control.PlanFile{Name: "dir/bad.yaml", Data: []byte("issued: 2023-02-30\nitems: [{no: 1, x: 2}]\n")})
	faults, ok := errors.AsType[fault.List](err)
	if !ok || len(faults) < 2 || faults[0].File != "dir/bad.yaml" || faults[0].Line != 1 || faults[0].Column != 9 {
		t.Errorf("got %#v", err)
	}
}

func TestDaysOverrideThePlan(t *testing.T) {
	c := control.Inside(control.Handler(open(t)))
	added, err := c.AddPlan(t.Context(), control.PlanFile{Name: "p.yaml", Data: []byte(planFile), Issued: calendar.Of(2023, 7, 3)})
	if err != nil || len(added.Waits) != 2 || added.Waits[0].Why != "时限早于印发日期：2023-06-30" {
		t.Errorf("%v: %+v", err, added)
	}
}

func TestSocketIsItsOwnersAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data") // made when missing
	l, err := control.Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for file, mode := range map[string]os.FileMode{dir: 0o700, control.Socket(dir): 0o600} {
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v %v, want %v", file, info.Mode().Perm(), err, mode)
		}
	}
	if _, err := control.Listen(dir); err == nil || !strings.Contains(err.Error(), "another duban answers") {
		t.Errorf("a second listener: %v", err)
	}
}

func TestSocketLeftBehind(t *testing.T) {
	dir := t.TempDir()
	if _, err := control.Dial(t.Context(), dir); !errors.Is(err, control.ErrNoService) {
		t.Errorf("nothing there: %v", err)
	}
	l, err := net.Listen("unix", control.Socket(dir))
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false) // as kill -9 leaves it
	l.Close()
	if _, err := control.Dial(t.Context(), dir); !errors.Is(err, control.ErrNoService) {
		t.Errorf("left behind: %v", err)
	}
	l, err = control.Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	long := filepath.Join(dir, strings.Repeat("x", 120))
	if _, err := control.Listen(long); err == nil || !strings.Contains(err.Error(), "choose a shorter data folder") {
		t.Errorf("a long name: %v", err)
	}
	if _, err := control.Dial(t.Context(), long); !errors.Is(err, control.ErrNoService) {
		t.Errorf("a long name: %v", err)
	}
}

// A service that dies in the middle leaves it open what it has done.
func TestServiceGoesAway(t *testing.T) {
	dir := t.TempDir()
	l, err := control.Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
	c, err := control.Dial(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Release(t.Context()); err == nil || !strings.Contains(err.Error(), "not known") {
		t.Errorf("got %v", err)
	}
}

func TestRequestsThatMakeNoSense(t *testing.T) {
	_, dir := through(t, open(t))
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", control.Socket(dir))
	}}}
	defer client.CloseIdleConnections()
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"POST", "/act", "{", 400},
		{"POST", "/act", `{"slip":1}`, 400},
		{"POST", "/plan?name=a&issued=1.2.3", planFile, 400},
		{"POST", "/plan?name=a", "", 400},
		{"POST", "/plan?name=big", strings.Repeat("#", 17<<20), 400},
		{"GET", "/outbox?limit=-1", "", 400},
		{"GET", "/outbox?limit=x", "", 400},
		{"GET", "/act", "", 405},
		{"GET", "/", "", 404},
		{"GET", "/outbox", "", 200},
	} {
		req, err := http.NewRequestWithContext(t.Context(), c.method, "http://duban"+c.path, bytes.NewReader([]byte(c.body)))
		if err != nil {
			t.Fatal(err)
		}
		res, err := client.Do(req)
		if err != nil {
			t.Errorf("%s %s: %v", c.method, c.path, err)
			continue
		}
		res.Body.Close()
		if res.StatusCode != c.status {
			t.Errorf("%s %s: %s, want %d", c.method, c.path, res.Status, c.status)
		}
	}
}
