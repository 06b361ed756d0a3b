package read_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"duban/engine/calendar"
	"duban/plan"
	"duban/plan/read"
	"duban/plan/source"
)

var update = flag.Bool("update", false, "write the golden files anew")

// documents are the test documents that are read; the others are refused.
func documents(t *testing.T) []string {
	t.Helper()
	var out []string
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test documents: %v", err)
	}
	for _, f := range files {
		if filepath.Base(f) != "secret.txt" {
			out = append(out, f)
		}
	}
	return out
}

func open(t *testing.T, file string) *plan.Plan {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p, err := read.Plan(file, content, read.Options{})
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return p
}

// outlineOf is the plan without its time words, which the tests of their grammar hold.
func outlineOf(t *testing.T, p *plan.Plan) string {
	t.Helper()
	bare := *p
	bare.Items = nil
	for _, it := range p.Items {
		it.Deadlines, it.Quantities = nil, nil
		bare.Items = append(bare.Items, it)
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetIndent("", " ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(bare); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Documents of many forms: text on one line, tables that became lines, lines of
// responsibility, stages, a calendar, page marks, a lost number.
func TestDocumentsAreReadAsBefore(t *testing.T) {
	for _, f := range documents(t) {
		t.Run(filepath.Base(f), func(t *testing.T) {
			got := outlineOf(t, open(t, f))
			golden := strings.TrimSuffix(f, ".txt") + ".golden.json"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("differs from %s:\n%s", golden, firstDifference(got, string(want)))
			}
		})
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range g {
		if i >= len(w) || g[i] != w[i] {
			return fmt.Sprintf("line %d\n got %s\nwant %s", i+1, g[i], strings.Join(w[min(i, len(w)):min(i+1, len(w))], ""))
		}
	}
	return "it is shorter"
}

// What is printed is a plan file: loaded, it says the same.
func TestWhatIsReadCanBeLoaded(t *testing.T) {
	for _, f := range documents(t) {
		p := open(t, f)
		asYAML, err := yaml.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		asJSON, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		for form, text := range map[string][]byte{"yaml": asYAML, "json": asJSON} {
			back, faults := plan.Load("plan."+form, text)
			if len(faults) > 0 {
				t.Errorf("%s as %s: %v", f, form, faults)
				continue
			}
			if back.Digest() != p.Digest() {
				t.Errorf("%s as %s says something else after loading", f, form)
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	var many strings.Builder
	many.WriteString("一、任务\n")
	for i := range 6000 {
		fmt.Fprintf(&many, "%d.完成第%d件事。\n", i%300+1, i)
	}
	for name, c := range map[string]struct{ text, says string }{
		"secret":   {"机密★1年\n应急方案\n一、准备\n1.制定脚本。", "密级"},
		"no items": {"今天天气很好，大家都很高兴。", "没有找到任何事项"},
		"too many": {many.String(), "超过 5000 个事项"},
		"nothing":  {"   \n\n", ""},
	} {
		_, err := read.Plan("doc.txt", []byte(c.text), read.Options{})
		r, ok := errors.AsType[*source.Refused](err)
		if !ok || !strings.Contains(r.What, c.says) || r.Hint == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A document that speaks of secrets is none.
func TestSpeakingOfSecrecyIsNotSecret(t *testing.T) {
	if p := open(t, "testdata/spoken-secrecy.txt"); len(p.Items) != 2 {
		t.Errorf("%d items, want 2", len(p.Items))
	}
}

func TestDayAndYear(t *testing.T) {
	const text = "关于印发《2023—2025年行动计划》的通知\n现将《2023—2025年行动计划》印发给你们。\n某县人民政府\n2022年12月30日\n2023—2025年行动计划\n一、修路\n1.修路。（责任单位：交通局）"
	p, err := read.Plan("a/b.txt", []byte(text), read.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if p.Source != "b.txt" || p.Title != "2023—2025年行动计划" || p.Issuer != "某县人民政府" || p.Issued != calendar.Of(2022, 12, 30) || p.Year != 2023 || p.Until != calendar.Of(2025, 12, 31) {
		t.Errorf("%+v", p)
	}
	p, err = read.Plan("b.txt", []byte(text), read.Options{Issued: calendar.Of(2023, 1, 3), Year: 2024})
	if err != nil || p.Issued != calendar.Of(2023, 1, 3) || p.Year != 2024 {
		t.Errorf("%+v %v", p, err)
	}
}

// corpus are the documents that measure the reader; they are not part of the project.
func corpus(tb testing.TB) [][]byte {
	tb.Helper()
	dir := os.Getenv("DUBAN_CORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "corpus")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "seeds", "*.txt"))
	if len(files) == 0 {
		tb.Skip("no corpus of documents; name one in DUBAN_CORPUS")
	}
	var out [][]byte
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, text)
	}
	return out
}

// BenchmarkCorpus reads the five documents that the project was made for.
func BenchmarkCorpus(b *testing.B) {
	docs := corpus(b)
	for b.Loop() {
		for _, text := range docs {
			if _, err := read.Plan("seed.txt", text, read.Options{}); err != nil {
				b.Fatal(err)
			}
		}
	}
}
