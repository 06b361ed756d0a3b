package engine_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"duban/engine"
	"duban/engine/calendar"
)

// dice give a story its accidents: from a seed, or from a fuzzer's bytes.
type dice interface{ roll(n int) int }

type seeded struct{ *rand.Rand }

func (d seeded) roll(n int) int { return d.IntN(n) }

type scripted []byte

func (d *scripted) roll(n int) int {
	if len(*d) == 0 {
		return 0
	}
	b := int((*d)[0])
	*d = (*d)[1:]
	return b % n
}

// live plays the life of one instance of a definition, as the dice fall. Every
// step is held against what must always be so (see story.step and check).
func live(t testing.TB, d dice, name string, steps int) *story {
	t.Helper()
	s := newStory(t, "2023-02-17")
	s.now = s.now.AddDate(0, 0, d.roll(500)).Add(time.Duration(d.roll(1440)) * time.Minute)
	def, _ := s.lib.Get(name)
	entry := def.Start[d.roll(len(def.Start))].Name
	s.spawn(&engine.Start{Workflow: name, Name: entry, Key: "it", Facts: someFacts(s, d)})
	ks := kinds(s)
	for range steps {
		id := int64(1 + d.roll(len(s.all)))
		in := s.get(id)
		switch d.roll(8) {
		case 0: // the machine sleeps
			s.now = s.now.Add(time.Duration(d.roll(60*24)) * time.Hour)
			s.runDue()
		case 1, 2: // time passes
			s.until(s.now.AddDate(0, 0, 1+d.roll(30)).Format("2006-01-02 15:04"))
		case 3: // anybody tries anything
			someAct(s, d, id, ks[d.roll(len(ks))], d.roll(4) == 0)
		default: // somebody does what can be done
			moves := s.def(in).States[in.State].On
			if len(moves) > 0 {
				k := sorted(moves)[d.roll(len(moves))]
				someAct(s, d, id, k, true)
			}
		}
	}
	s.until("2027-06-30")
	return s
}

func sorted(moves map[engine.EventKind][]engine.Move) (out []engine.EventKind) {
	for k := range moves {
		out = append(out, k)
	}
	for i := range out {
		for j := i; j > 0 && out[j] < out[j-1]; j-- {
			out[j], out[j-1] = out[j-1], out[j]
		}
	}
	return out
}

func someFacts(s *story, d dice) engine.Facts {
	issued := s.cal.DateOf(s.now).AddDays(d.roll(40) - 30)
	f := matter(func(f *engine.Facts) {
		f.Issued, f.Due, f.Until = issued, issued.AddDays(d.roll(250)), issued.AddDays(d.roll(900))
		f.Roll = []calendar.Roll{"", calendar.Before, calendar.After, calendar.Nearest, calendar.Stay}[d.roll(5)]
		f.Cadence = []string{"P1D", "P1W", "P1M", "P2M", "P3M", "P6M", "P1Y", "P2Y", "P5Y", "term", "nonsense"}[d.roll(11)]
		f.Need, f.Usual = d.roll(4), issued.AddDays(d.roll(300))
		f.Leader, f.Frame, f.Instructed = d.roll(6) == 0, d.roll(6) == 0, d.roll(6) == 0
		f.Units, f.Asks = []string{"信息工程学院", "后勤管理处"}, map[string]int{"信息工程学院": d.roll(3)}
	})
	switch d.roll(8) {
	case 0:
		f.Due, f.Trigger = 0, "event"
	case 1:
		f.Due = 0
	case 2:
		f.Issued = 0
	}
	return f
}

func someAct(s *story, d dice, id int64, kind engine.EventKind, able bool) {
	s.Helper()
	if kind == engine.EventChildDone || kind == engine.EventChildReopened {
		return // a child says that, not a person
	}
	by := []engine.Actor{unit, head, office, clerk, sponsor, nobody}[d.roll(6)]
	ev := engine.Event{Kind: kind, By: by}
	if able {
		ev.By.Roles, ev.Data = all.Roles, filled()
		ev.Data["due"] = s.cal.DateOf(s.now).AddDays(d.roll(90) - 10).String()
		ev.Data["month"] = fmt.Sprint(1 + d.roll(13))
	}
	err := s.step(s.def(s.get(id)), id, ev)
	if _, ok := err.(*engine.Refusal); err != nil && !ok {
		s.Fatalf("%s: %v", kind, err)
	}
}

// replay takes everything that was recorded through the engine again.
func replay(s *story) {
	s.Helper()
	again := map[int64]engine.Instance{}
	for _, r := range s.past {
		in, ok := again[r.id]
		if !ok {
			in = engine.Instance{ID: r.id, Slip: s.get(r.id).Slip}
		}
		def := s.def(s.get(r.id))
		var err error
		if again[r.id], _, err = engine.Step(def, in, r.event, r.at.UTC().Truncate(time.Millisecond), s.cal); err != nil {
			s.Fatalf("replay of %s: %v", r.event.Kind, err)
		}
	}
	for id, in := range again {
		if text(s, in) != text(s, s.get(id)) {
			s.Fatalf("%s is replayed to something else:\n%s\n%s", in.Key, text(s, s.get(id)), text(s, in))
		}
	}
}

func TestRandomLives(t *testing.T) {
	lives := 25
	if testing.Short() {
		lives = 5
	}
	for _, name := range newStory(t, "2023-01-03").lib.Names() {
		t.Run(name, func(t *testing.T) {
			def, _ := newStory(t, "2023-01-03").lib.Get(name)
			source := text(t, def)
			for seed := range lives {
				s := live(t, seeded{rand.New(rand.NewPCG(uint64(seed), 42))}, name, 40)
				replay(s)
				if t.Failed() {
					t.Fatalf("seed %d", seed)
				}
			}
			if text(t, def) != source {
				t.Error("the definition was written to")
			}
		})
	}
}

func FuzzStep(f *testing.F) {
	for i := range 8 {
		r := rand.New(rand.NewPCG(uint64(i), 7))
		b := make([]byte, 64)
		for j := range b {
			b[j] = byte(r.IntN(256))
		}
		f.Add(byte(i), b)
	}
	names := newStory(f, "2023-01-03").lib.Names()
	f.Fuzz(func(t *testing.T, which byte, script []byte) {
		d := scripted(script[:min(len(script), 400)])
		replay(live(t, &d, names[int(which)%len(names)], len(script)/6))
	})
}

func BenchmarkStep(b *testing.B) {
	s := newStory(b, "2023-02-17")
	def, _ := s.lib.Get("assignment")
	id := s.begin("assignment", matter())
	begun := *s.get(id)
	s.must("acknowledge", unit)
	taken := *s.get(id)
	timer, _ := taken.Next()
	for _, bm := range []struct {
		name string
		in   engine.Instance
		ev   engine.Event
		now  time.Time
	}{
		{"start", engine.Instance{ID: 1, Slip: "2023-0001"}, s.past[0].event, s.now},
		{"acknowledge", begun, engine.Event{Kind: "acknowledge", By: unit}, s.now},
		{"report", taken, engine.Event{Kind: "report", By: unit, Data: map[string]string{"progress": "已启动"}}, s.now},
		{"timer", taken, engine.Event{Kind: engine.EventTimer, Timer: timer.Name}, timer.At},
		{"refusal", taken, engine.Event{Kind: "close", By: nobody}, s.now},
	} {
		b.Run(bm.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := engine.Step(def, bm.in, bm.ev, bm.now, s.cal); err != nil && bm.name != "refusal" {
					b.Fatal(err)
				}
			}
		})
	}
}
