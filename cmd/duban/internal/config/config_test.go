package config_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"duban/cmd/duban/internal/config"
	"duban/engine/fault"
)

const shipped = "../../../../config.yaml"

// load writes a config into a folder of its own and loads it.
func load(t *testing.T, text string) (*config.Config, fault.List) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return config.Load(file)
}

func TestTheShippedFileSaysTheDefaults(t *testing.T) {
	t.Chdir(filepath.Dir(shipped))
	got, faults := config.Load("config.yaml")
	if faults != nil {
		t.Fatal(faults)
	}
	if want := config.Default(); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if w := got.Warnings(); w != nil {
		t.Error(w)
	}
}

// settings lists the paths of all settings but the secrets, which have no place
// in the file.
func settings(t reflect.Type, path string) (paths []string) {
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("yaml")
		switch {
		case name == "" || f.Type == reflect.TypeFor[config.Secret]():
		case f.Type.Kind() == reflect.Struct:
			paths = append(paths, settings(f.Type, path+name+".")...)
		default:
			paths = append(paths, path+name)
		}
	}
	return paths
}

func TestTheShippedFileExplainsEverySetting(t *testing.T) {
	data, err := os.ReadFile(shipped)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(data), "\n")
	src, faults := fault.Parse(shipped, data)
	if faults != nil {
		t.Fatal(faults)
	}
	for _, path := range settings(reflect.TypeFor[config.Config](), "") {
		if !src.Has(path) {
			t.Errorf("%s is not in config.yaml", path)
			continue
		}
		line, _ := src.At(path)
		if _, comment, _ := strings.Cut(lines[line-1], " # "); len(comment) < 20 || !strings.Contains(comment, "default") {
			t.Errorf("config.yaml:%d: %s has no comment with its default", line, path)
		}
	}
}

// TestBadFiles goes over testdata/bad: each file says in "# want:" lines at its
// top which faults it has, all of them, in order.
func TestBadFiles(t *testing.T) {
	t.Chdir("testdata/bad")
	t.Setenv("DUBAN_TEST_KEY", "k")
	files, err := filepath.Glob("*.yaml")
	if err != nil || len(files) < 12 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(file, func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for line := range strings.Lines(string(text)) {
				if w, ok := strings.CutPrefix(line, "# want: "); ok {
					want = append(want, file+":"+strings.TrimRight(w, "\n"))
				}
			}
			_, faults := config.Load(file)
			if got := strings.Split(faults.Error(), "\n"); !reflect.DeepEqual(got, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			if strings.Contains(faults.Error(), "hunter2") {
				t.Error("a fault shows a secret")
			}
		})
	}
}

func TestAnEmptyFileMeansTheDefaults(t *testing.T) {
	for _, text := range []string{"", "# nothing yet\n", "mail:\n"} {
		c, faults := load(t, text)
		if faults != nil || c.Mail != config.Default().Mail || c.Notify.Closing.String() != "17:30" {
			t.Errorf("%q: %+v %v", text, c, faults)
		}
	}
}

func TestAMissingFileIsAFaultWithAHint(t *testing.T) {
	file := filepath.Join(t.TempDir(), "none.yaml")
	c, faults := config.Load(file)
	if c == nil || faults.Error() != file+": no such file; check the path, or create the file" {
		t.Error(faults)
	}
}

const college = `organisation: {name: 某某学院, zone: Asia/Urumqi}
data: /var/lib/duban
org: org.yaml
workflows: flows
calendars: {holidays: [h.txt], terms: [/etc/hosts]}
store: {dsn: "postgres://duban@db:5432/duban?sslmode=require"}
nats: {url: "nats://a:4222, tls://b:4222"}
mail:
  host: smtp.example.edu.cn
  security: tls
  port: 465
  username: xnb
  password_file: mail.secret
  from: 效能办 <xnb@example.edu.cn>
wecom:
  url: http://127.0.0.1:9000/send
  allow_hosts: [127.0.0.1:9000]
  robots:
    - {name: office, key_env: DUBAN_TEST_KEY}
    - {name: heads, key_file: robot.secret}
notify: {opening: 8:30, send_from: "08:00", retries: [], phone: 0538-1234567}
leaders: {release: auto}
`

func TestACollegeConfiguresItself(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("DUBAN_TEST_KEY", "env-key")
	write := func(name, text string, mode os.FileMode) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	write("config.yaml", college, 0o644)
	write("org.yaml", "", 0o600)
	write("h.txt", "", 0o600)
	write("mail.secret", "p w\r\n\n", 0o600)
	write("robot.secret", "file-key", 0o640)
	if err := os.Mkdir(filepath.Join(dir, "flows"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "robot.secret"), 0o640); err != nil {
		t.Fatal(err)
	}
	c, faults := config.Load(filepath.Join(dir, "config.yaml"))
	if faults != nil {
		t.Fatal(faults)
	}
	office, _ := c.RobotKey("office")
	heads, _ := c.RobotKey("heads")
	nobody, known := c.RobotKey("nobody")
	loc, err := c.Location()
	if err != nil {
		t.Fatal(err)
	}
	got := []any{c.DSN(), c.OrgFile(), c.Workflows, c.Calendars, c.NATSDir(), c.Mail.Password.Reveal(), office.Reveal(),
		heads.Reveal(), nobody.Reveal(), known, c.Notify.Opening.Duration(), len(c.Notify.Retries), c.Notify.Phone, c.Leaders.Release, loc.String()}
	want := []any{"postgres://duban@db:5432/duban?sslmode=require", filepath.Join(dir, "org.yaml"), filepath.Join(dir, "flows"),
		config.Calendars{Holidays: []string{filepath.Join(dir, "h.txt")}, Terms: []string{"/etc/hosts"}},
		"/var/lib/duban/nats", "p w", "env-key", "file-key", "", false, 8*time.Hour + 30*time.Minute, 0, "0538-1234567", "auto", "Asia/Urumqi"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	w := c.Warnings()
	if len(w) != 1 || w[0].Line != 20 || !strings.Contains(w[0].Error(), "robot.secret (0640); chmod 600") {
		t.Errorf("warnings: %v", w)
	}
}

func TestPathsCountFromTheConfigFile(t *testing.T) {
	c, faults := load(t, "store: {dsn: db/plans.db}\nnats: {dir: bus}\n")
	if faults != nil {
		t.Fatal(faults)
	}
	dir := filepath.Dir(c.Data)
	if c.DSN() != filepath.Join(dir, "db/plans.db") || c.NATSDir() != filepath.Join(dir, "bus") || c.OrgFile() != filepath.Join(dir, "data/org.yaml") {
		t.Error(c.DSN(), c.NATSDir(), c.OrgFile())
	}
	if d := config.Default(); d.DSN() != filepath.Join("data", "duban.db") || d.NATSDir() != filepath.Join("data", "nats") {
		t.Error(d.DSN(), d.NATSDir())
	}
}

func TestClearTextLogInIsWarnedOf(t *testing.T) {
	t.Setenv("DUBAN_TEST_KEY", "k")
	c, faults := load(t, "mail: {host: relay, from: a@b.cn, username: u, password_env: DUBAN_TEST_KEY, security: none}\n")
	if w := c.Warnings(); faults != nil || len(w) != 1 || w[0].Hint != "use starttls or tls" {
		t.Error(faults, w)
	}
}
