package main

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"duban/cmd/duban/internal/app"
	"duban/cmd/duban/internal/doctor"
	"duban/notifier/postbox"
	"duban/plan"
)

// checkup is what 'duban doctor --json' prints.
type checkup struct {
	Findings       []doctor.Finding
	Ok, Warn, Fail int
}

// doctor runs the command and checks that it sent nothing.
func (h *house) doctor(code int) (c checkup) {
	h.t.Helper()
	mails, posts, _ := h.box.Received(h.t.Context())
	got, out, errs := h.run("doctor", "--json")
	if got != code {
		h.t.Errorf("duban doctor: exit code %d, want %d\n%s%s", got, code, out, errs)
	}
	c = decode[checkup](h, out)
	if m, p, _ := h.box.Received(h.t.Context()); m != mails || p != posts {
		h.t.Errorf("the doctor sent something: %d mails, %d posts", m-mails, p-posts)
	}
	for _, canary := range []string{mailCanary, robotCanary} {
		if strings.Contains(out+errs, canary) {
			h.t.Errorf("%s is printed:\n%s%s", canary, out, errs)
		}
	}
	return c
}

// says looks for a finding of a level, an area and words; with something to do
// unless it is ok.
func (c checkup) says(t *testing.T, level doctor.Level, area, words string) {
	t.Helper()
	for _, f := range c.Findings {
		if f.Area == area && strings.Contains(f.What, words) {
			if f.Level != level || (f.Do == "") != (level == doctor.OK) {
				t.Errorf("%+v: want level %s, and what to do unless it is ok", f, level)
			}
			return
		}
	}
	t.Errorf("no finding of %s says %q in %+v", area, words, c.Findings)
}

// The mail server of these stories misbehaves at one step each.
func TestTheDoctorFindsWhatIsWrongWithTheMailServer(t *testing.T) {
	reply := func(step postbox.Step, code int) postbox.Fault {
		return postbox.Fault{Step: step, Do: postbox.Reply, Code: code, Text: "you wrote " + mailCanary}
	}
	for name, c := range map[string]struct {
		fault    postbox.Fault
		settings string // instead of security: none
		code     int
		level    doctor.Level
		says     string
	}{
		"in order":              {postbox.Fault{}, "", 0, doctor.OK, "the log-in is accepted"},
		"greeting 421":          {reply(postbox.StepBanner, 421), "", 1, doctor.Fail, "cannot be used: 421"},
		"greeting 554":          {reply(postbox.StepBanner, 554), "", 1, doctor.Fail, "will take no mail: 554"},
		"closed at the start":   {postbox.Fault{Step: postbox.StepBanner, Do: postbox.Drop}, "", 1, doctor.Fail, "cannot be used"},
		"no greeting":           {postbox.Fault{Step: postbox.StepBanner, Do: postbox.Hang}, "", 1, doctor.Fail, "cannot be used"},
		"no answer to EHLO":     {postbox.Fault{Step: postbox.StepHello, Do: postbox.Hang}, "", 1, doctor.Fail, "cannot be used"},
		"log-in refused":        {reply(postbox.StepAuth, 535), "", 1, doctor.Fail, "will take no mail: 535"},
		"closed at the log-in":  {postbox.Fault{Step: postbox.StepAuth, Do: postbox.Drop}, "", 1, doctor.Fail, "cannot be used"},
		"STARTTLS not offered":  {postbox.Fault{}, "starttls", 1, doctor.Fail, "未提供 STARTTLS"},
		"TLS where none speaks": {postbox.Fault{}, "tls", 1, doctor.Fail, "cannot be used"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, "")
			settings := h.mail()
			if c.settings != "" {
				settings = strings.Replace(settings, "security: none", "security: "+c.settings, 1)
			}
			h.write("config.yaml", "org: school.yaml\nmail: "+strings.Replace(strings.TrimPrefix(settings, "mail: "), "{", "{timeout: 1s, ", 1))
			if c.fault.Step != "" {
				h.box.Faults().Next(1, c.fault)
			}
			found := h.doctor(c.code)
			found.says(t, c.level, "channels", c.says)
		})
	}
}

func TestTheDoctorTriesTheLogInUnderTLS(t *testing.T) {
	h := newHouse(t, "")
	// The post box shows a certificate that nobody vouches for.
	box, err := postbox.Open(postbox.Options{Now: h.clock.Now, User: "xnb", Password: mailCanary, TLS: &tls.Config{}})
	if err != nil {
		t.Fatal(err)
	}
	defer box.Close()
	if err := box.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.box = box
	h.write("config.yaml", "org: school.yaml\n"+strings.Replace(h.mail(), "security: none", "security: starttls", 1))
	h.doctor(1).says(t, doctor.Fail, "channels", "cannot be used")
}

func TestTheDoctorReachesForTheRobots(t *testing.T) {
	h := newHouse(t, "")
	h.clock.Set(time.Now()) // the far side's clock is the real one
	found := h.doctor(0)
	found.says(t, doctor.OK, "channels", "the key of robot zuzhibu is there")
	found.says(t, doctor.OK, "channels", "answers")
	found.says(t, doctor.OK, "clock", "agrees with the clock of the robots' host")
	found.says(t, doctor.Warn, "channels", "robot jiaowu")

	h.clock.Set(time.Now().Add(time.Hour))
	h.doctor(1).says(t, doctor.Fail, "clock", "off the clock of the robots' host")

	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	h.write("config.yaml", "org: school.yaml\nnats: {url: \"nats://"+gone.Addr().String()+"\"}\n"+
		strings.ReplaceAll(h.robot(), h.box.RobotURL(), "http://"+gone.Addr().String()+"/cgi-bin/webhook/send"))
	h.write("config.yaml", strings.ReplaceAll(h.read("config.yaml"), "allow_hosts: [", "allow_hosts: [127.0.0.1, "))
	found = h.doctor(1)
	found.says(t, doctor.Fail, "channels", "the robots' host "+gone.Addr().String()+" cannot be reached")
	found.says(t, doctor.Fail, "channels", "the NATS server "+gone.Addr().String()+" cannot be reached")
	found.says(t, doctor.Warn, "channels", "mail.host is empty")
	found.says(t, doctor.Warn, "clock", "compared with nothing")
}

// A host that is asked for its headers must not be handed a key.
func TestTheDoctorShowsNoKeyToTheRobotsHost(t *testing.T) {
	var seen []string
	h := newHouse(t, "")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Method+" "+r.URL.String())
		w.Header()["Date"] = nil
		http.Error(w, "no", http.StatusForbidden)
	})}
	go srv.Serve(l)
	defer srv.Close()
	h.write("config.yaml", "org: school.yaml\nwecom: {url: \"http://"+l.Addr().String()+"/hook\", allow_hosts: [127.0.0.1], robots: [{name: zuzhibu, key_file: robot.key}]}\n")
	h.doctor(0).says(t, doctor.OK, "channels", "robots' host "+l.Addr().String()+" answers")
	if len(seen) != 1 || seen[0] != "HEAD /hook" {
		t.Errorf("the host was asked %q", seen)
	}
}

func TestTheDoctorListsTheFaultsOfTheConfigFirst(t *testing.T) {
	h := newHouse(t, "")
	h.write("config.yaml", "leaders: {release: never}\nmail: {port: 99999}\nlog: {level: loud}\n")
	found := h.doctor(2)
	if found.Fail != 3 {
		t.Errorf("%d faults, want 3: %+v", found.Fail, found.Findings)
	}
	for _, words := range []string{"config.yaml:1:", "config.yaml:2:", "config.yaml:3:"} {
		found.says(t, doctor.Fail, "config", words)
	}
	// The same faults as check, and nothing else was touched.
	_, _, errs := h.run("check")
	for _, f := range found.Findings {
		if !strings.Contains(errs, f.What+"; "+f.Do) {
			t.Errorf("check does not say %q:\n%s", f.What, errs)
		}
	}
	if _, err := os.Stat(h.file("data")); !os.IsNotExist(err) {
		t.Error("the doctor made the data folder")
	}
	h.want(2, []string{"fail  config", "0 ok, 0 warn, 3 fail"}, "doctor")

	h.write("config.yaml", "log: {level: info}\n") // and no data/org.yaml
	h.doctor(2).says(t, doctor.Fail, "config", "data/org.yaml: cannot be read")
}

func TestTheDoctorLooksAtCalendarDiskAndPeople(t *testing.T) {
	h := newHouse(t, "metrics: {listen: \"\"}\n")
	h.write("config.yaml", "org: school.yaml\n")
	h.write("school.yaml", strings.NewReplacer("mail: feng2@demo.example", `mobile: "1"`,
		"substitute: xiaoyan", "to: 2023-12-31").Replace(schoolFile))
	h.write("data/x", "")
	if err := os.Chmod(h.file("data"), 0o755); err != nil {
		t.Fatal(err)
	}
	h.to("2023-05-10 10:00")
	found := h.doctor(0)
	found.says(t, doctor.OK, "calendar", "holiday table of 2023")
	found.says(t, doctor.Warn, "calendar", "invented college")
	found.says(t, doctor.Warn, "disk", "(0755)")
	found.says(t, doctor.OK, "disk", "are free")
	found.says(t, doctor.Warn, "data", "there is no data file")
	found.says(t, doctor.Warn, "organisation", "no leader in charge today in 教务处")
	found.says(t, doctor.Warn, "organisation", "liaisons without mail: 教务处 冯国栋")
	found.says(t, doctor.Warn, "organisation", "nobody stands in: 党委组织部 周志强")

	for _, c := range []struct {
		moment string
		code   int
		level  doctor.Level
		says   string
	}{
		{"2026-10-08 10:00", 0, doctor.Warn, "no holiday table for 2027 yet"},
		{"2026-12-01 10:00", 1, doctor.Fail, "no holiday table for 2027: 1 January"},
		{"2027-01-04 10:00", 1, doctor.Fail, "no holiday table for 2027: holidays count"},
		{"2035-06-04 10:00", 1, doctor.Warn, "no terms of the school year 2034-2035"},
	} {
		h.to(c.moment)
		h.doctor(c.code).says(t, c.level, "calendar", c.says)
	}
}

// The data of a service that could not deliver, and whose office forgot the leaders.
func TestTheDoctorReadsTheData(t *testing.T) {
	h := newHouse(t, "")
	h.box.Faults().Next(2, postbox.Fault{Step: postbox.StepRcpt, Do: postbox.Reply, Code: 550})
	r := h.serve()
	h.want(0, nil, "plan", "add", h.file("plan.yaml"))
	h.want(0, nil, "act", "2023-0001", "instruct", "--by", "zhao", "-d", "text=请抓紧")
	r.measures(`duban_dead_letters 2`)
	found := h.doctor(1)
	found.says(t, doctor.Fail, "data", "2 messages could not be delivered")
	found.says(t, doctor.OK, "data", "opens, tables of version")
	r.stop()

	h.want(0, nil, "outbox", "resend")
	found = h.doctor(1) // the virtual clock is years before the robots' host
	found.says(t, doctor.OK, "data", "no dead letters")
	found.says(t, doctor.Warn, "data", "no service runs")
	found.says(t, doctor.OK, "clock", "not before the last thing written")
	h.to("2023-03-01 12:00")
	h.doctor(1).says(t, doctor.Warn, "data", "the oldest message that may go has waited")

	early := app.NewVirtual(time.Date(2023, 2, 20, 9, 0, 0, 0, time.UTC))
	h.clock = early
	h.doctor(1).says(t, doctor.Fail, "clock", "before the last thing written (2023-02-21 10:00)")
	h.write("data/duban.db", "no database at all, and long enough to be read as one")
	h.doctor(1).says(t, doctor.Fail, "data", "cannot be read")
}

func TestTheDoctorSeesNoticesThatWaitForTheOffice(t *testing.T) {
	h := newHouse(t, "metrics: {listen: \"\"}\n")
	a, _ := h.open()
	p, faults := plan.Load("plan.yaml", []byte(planFile))
	if faults != nil {
		t.Fatal(faults)
	}
	if _, err := a.AddPlan(t.Context(), p, 0, 0); err != nil {
		t.Fatal(err)
	}
	h.to("2023-03-07 10:00") // three work days after 1 March: the leader in charge is to hear
	for n := 1; n > 0; {
		var err error
		if n, err = a.Runner.RunDue(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	h.to("2023-03-10 10:00")
	h.doctor(0).says(t, doctor.Warn, "data", "1 notices to leaders wait for the office")
}
