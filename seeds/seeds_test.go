package seeds_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"duban/engine/calendar"
	"duban/plan"
	"duban/seeds"
)

func must[T any](t testing.TB, load func() (T, error)) T {
	t.Helper()
	v, err := load()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestFivePlansInTheOrderOfIssue(t *testing.T) {
	want := []struct {
		key              string
		items, deadlines int
		issued           calendar.Date // as printed
	}{
		{"003", 27, 14, calendar.Of(2020, 6, 12)},
		{"004", 20, 6, 0},
		{"002", 15, 5, calendar.Of(2023, 2, 17)},
		{"001", 16, 0, 0},
		{"000", 20, 0, calendar.Of(2023, 3, 15)},
	}
	plans := must(t, seeds.Plans)
	if len(plans) != len(want) {
		t.Fatalf("%d plans", len(plans))
	}
	for i, w := range want {
		p := plans[i]
		deadlines := 0
		for _, it := range p.Items {
			deadlines += len(it.Deadlines)
		}
		if p.Key() != w.key || len(p.Items) != w.items || deadlines != w.deadlines || p.Issued != w.issued {
			t.Errorf("plan %d: %s with %d items, %d deadlines, issued %s; want %+v", i, p.Key(), len(p.Items), deadlines, p.Issued, w)
		}
		if !p.IsParty() {
			t.Errorf("plan %s is a Party plan", p.Key())
		}
	}
}

func TestPlansAreInOurOwnShortWords(t *testing.T) {
	for _, p := range must(t, seeds.Plans) {
		for _, it := range p.Items {
			if n := len([]rune(it.Heading)); n == 0 || n > 24 {
				t.Errorf("%s %s: heading of %d characters", p.Key(), it.No, n)
			}
			if n := len([]rune(it.Section)); n == 0 || n > 14 {
				t.Errorf("%s %s: section of %d characters", p.Key(), it.No, n)
			}
		}
	}
}

func TestWhatTheActionPlanAsksFor(t *testing.T) {
	plans := must(t, seeds.Plans)
	action := plans[2]
	for no, want := range map[string]struct {
		workflow, end, lead string
	}{
		"三.(一).1": {"", "2023-02-28", "全校各单位"},
		"三.(一).2": {"", "2023-12-31", ""},
		"三.(一).3": {"review", "2023-06-30", ""},
		"三.(一).4": {"review", "2023-12-31", ""},
		"四.3#2":   {"supervision", "", "效能办"},
	} {
		it, ok := action.Item(no)
		if !ok || len(it.Deadlines) != 1 {
			t.Fatalf("item %s: %v %+v", no, ok, it)
		}
		if it.Workflow != want.workflow || it.Deadlines[0].End.String() != want.end || strings.Join(it.Lead, "") != want.lead {
			t.Errorf("item %s: %+v, want %+v", no, it, want)
		}
	}
}

// Every unit that a plan prints is a unit or a group of the college.
func TestTheCollegeKnowsEveryPrintedUnit(t *testing.T) {
	o := must(t, seeds.Org)
	for _, p := range must(t, seeds.Plans) {
		for _, it := range p.Items {
			for _, printed := range slices.Concat(it.Lead, it.Cooperating) {
				if len(o.Members(printed)) == 0 {
					t.Errorf("%s %s: unknown unit %s", p.Key(), it.No, printed)
				}
			}
		}
	}
}

func TestOneUnitUnderManyNames(t *testing.T) {
	o := must(t, seeds.Org)
	for _, names := range [][]string{
		{"党委宣传统战部", "宣传统战部", "统战部", "党委统战部", "宣传部", "党委宣传部", "党委统 战部"},
		{"党政办公室", "党政办", "党委办公室", "学校党政办公室"},
		{"党委组织部", "组织部"}, {"人事处", "人事劳资处"}, {"学生工作处", "学工部"},
		{"招生就业办公室", "招就办", "就业中心"}, {"纪委办公室", "纪委办", "纪委"},
	} {
		for _, name := range names {
			if u, ok := o.Unit(name); !ok || u.Name != names[0] {
				t.Errorf("%s is %q, want %s", name, u.Name, names[0])
			}
		}
	}
	for group, n := range map[string]int{"各二级学院": 8, "各二级学院部": 8, "各支部": 10, "全校各单位": 27, "学校各单位": 27, "各单位": 27} {
		if got := len(o.Members(group)); got != n {
			t.Errorf("%s has %d members, want %d", group, got, n)
		}
	}
}

// On the first of every month each unit has somebody to tell on every rung, but
// for the two months in which 资产管理处 has no liaison.
func TestPostsAreHeldThroughTheYears(t *testing.T) {
	o := must(t, seeds.Org)
	var vacant []string
	for month := range 48 {
		on := calendar.Of(2020, time.Month(month+1), 1)
		for _, u := range o.Units {
			for _, role := range []string{"lead.head", "lead.liaison", "sponsor", "principal", "office"} {
				if _, ok := o.Holder(u.Name, role, true, on); !ok {
					vacant = append(vacant, u.Name+" "+role+" "+on.String())
				}
			}
		}
	}
	want := []string{"资产管理处 lead.liaison 2023-04-01", "资产管理处 lead.liaison 2023-05-01"}
	if !slices.Equal(vacant, want) {
		t.Errorf("vacant: %v, want %v", vacant, want)
	}
}

func TestPeopleComeAndGo(t *testing.T) {
	o := must(t, seeds.Org)
	for _, tt := range []struct {
		unit, role, on, person, via string
	}{
		{"教务处", "head", "2022-08-31", "谢文彬", ""},
		{"教务处", "head", "2022-09-01", "韩雪", ""},
		{"人事处", "lead.head", "2023-05-05", "高淑芬", ""},
		{"人事处", "lead.head", "2023-05-08", "梁宏伟", "AB角"},
		{"资产管理处", "lead.liaison", "2023-03-31", "邓倩", ""},
		{"资产管理处", "lead.liaison", "2023-04-01", "", ""},
		{"资产管理处", "lead.liaison", "2023-06-01", "傅强", ""},
		{"教务处", "office", "2023-03-01", "赵雪梅", ""},
		{"教务处", "principal", "2023-03-01", "陈国安", ""},
	} {
		on, err := calendar.ParseDate(tt.on)
		if err != nil {
			t.Fatal(err)
		}
		h, ok := o.Holder(tt.unit, tt.role, true, on)
		if h.Person.Name != tt.person || h.Via != tt.via || ok != (tt.person != "") {
			t.Errorf("%s %s on %s: %+v", tt.unit, tt.role, tt.on, h)
		}
	}
}

func TestAddressesAreForExamplesOnly(t *testing.T) {
	o := must(t, seeds.Org)
	for _, p := range o.People {
		if p.Mail != p.ID+"@demo.example" || p.WeCom == "" || p.Mobile != "" {
			t.Errorf("%+v", p)
		}
	}
	if _, ok := o.Shared(); !ok || len(o.Robots) != 11 || o.Phone == "" {
		t.Errorf("%d robots, shared %v, phone %q", len(o.Robots), ok, o.Phone)
	}
}

func TestCalendarCoversThePlans(t *testing.T) {
	c := must(t, seeds.Calendar)
	if c.IsWorkday(calendar.Of(2023, 6, 22)) || !c.IsWorkday(calendar.Of(2023, 6, 25)) {
		t.Error("22 June 2023 is a holiday, Sunday 25 June a make-up day")
	}
}

func TestFilesCanBeListed(t *testing.T) {
	for _, name := range []string{seeds.OrgFile, seeds.DecisionsFile, seeds.HolidaysFile, seeds.TermsFile, "plans/004.yaml"} {
		f, err := seeds.FS().Open(name)
		if err != nil {
			t.Error(err)
			continue
		}
		f.Close()
	}
}

// TestPlansMatchTheAnnotations compares every fact with the annotated documents
// where they lie beside the project, and makes sure that no sentence of a
// document was copied.
func TestPlansMatchTheAnnotations(t *testing.T) {
	dirs, err := filepath.Glob("../../*/corpus/seeds")
	if err != nil || len(dirs) == 0 {
		t.Skip("no annotated documents beside the project")
	}
	for _, p := range must(t, seeds.Plans) {
		golden := filepath.Join(dirs[0], p.Key()+".gold.json")
		data, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		gold, faults := plan.Load(golden, data)
		if err := faults.Err(); err != nil {
			t.Fatal(err)
		}
		title, _, _ := strings.Cut(gold.Title, "（") // an annotator's remark is no part of a title
		if p.Title != title || p.Issuer != gold.Issuer || p.Issued != gold.Issued || p.Year != gold.Year || len(p.Items) != len(gold.Items) {
			t.Errorf("%s: %q %q %s %d with %d items", p.Key(), p.Title, p.Issuer, p.Issued, p.Year, len(p.Items))
			continue
		}
		for i, it := range p.Items {
			matches(t, p.Key()+" "+it.No, it, gold.Items[i])
		}
		ownWords(t, p, filepath.Join(dirs[0], gold.Source))
	}
}

func matches(t *testing.T, name string, got, want plan.Item) {
	t.Helper()
	if got.No != want.No || got.Type != want.Type || !slices.Equal(got.Lead, want.Lead) || !slices.Equal(got.Cooperating, want.Cooperating) {
		t.Errorf("%s: %s %s %v %v, want %s %s %v %v", name, got.No, got.Type, got.Lead, got.Cooperating, want.No, want.Type, want.Lead, want.Cooperating)
	}
	if len(got.Deadlines) != len(want.Deadlines) || len(got.Quantities) != len(want.Quantities) {
		t.Errorf("%s: %d deadlines, %d quantities, want %d, %d", name, len(got.Deadlines), len(got.Quantities), len(want.Deadlines), len(want.Quantities))
		return
	}
	for i, d := range got.Deadlines {
		w := want.Deadlines[i]
		if !abridges(d.Text, w.Text) {
			t.Errorf("%s: %q are not words of %q", name, d.Text, w.Text)
		}
		if w.Text = d.Text; d != w {
			t.Errorf("%s: %+v, want %+v", name, d, w)
		}
	}
	for i, q := range got.Quantities {
		w := want.Quantities[i]
		if w.Text = q.Text; q != w {
			t.Errorf("%s: %+v, want %+v", name, q, w)
		}
	}
}

// abridges says whether short is long with words left out.
func abridges(short, long string) bool {
	rest := []rune(long)
	for _, r := range short {
		i := slices.Index(rest, r)
		if i < 0 {
			return false
		}
		rest = rest[i+1:]
	}
	return true
}

func ownWords(t *testing.T, p *plan.Plan, document string) {
	t.Helper()
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	source := squeeze(string(text))
	for _, it := range p.Items {
		for _, words := range []string{it.Section, it.Heading, it.Text} {
			run := []rune(squeeze(words))
			for i := 0; i+15 <= len(run); i++ {
				if strings.Contains(source, string(run[i:i+15])) {
					t.Errorf("%s %s: copied: %s", p.Key(), it.No, string(run[i:i+15]))
				}
			}
		}
	}
}

func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}
