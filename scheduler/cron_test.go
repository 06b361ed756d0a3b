package scheduler_test

import (
	"io/fs"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/robfig/cron/v3"

	"duban/engine/calendar"
	"duban/scheduler"
	"duban/seeds"
)

// statutory is the calendar of the notices that are built in.
func statutory(t testing.TB) *calendar.Calendar {
	t.Helper()
	text, err := fs.ReadFile(seeds.FS(), seeds.HolidaysFile)
	if err != nil {
		t.Fatal(err)
	}
	tables, faults := calendar.ParseHolidays(seeds.HolidaysFile, text)
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	cal, err := calendar.New(tables, nil, calendar.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return cal
}

func mustCron(t testing.TB, cal *calendar.Calendar, spec string, roll calendar.Roll) cron.Schedule {
	t.Helper()
	s, err := scheduler.ParseCron(spec, cal, roll)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// between lists the occurrences from (inclusive) to to (exclusive).
func between(s cron.Schedule, from, to time.Time) (all []time.Time) {
	for at := s.Next(from.Add(-1)); !at.IsZero() && at.Before(to); at = s.Next(at) {
		all = append(all, at)
	}
	return all
}

func TestSupervisionRoundsOpenOnThe20thOrTheNextWorkDay(t *testing.T) {
	cal := statutory(t)
	rounds := between(mustCron(t, cal, "0 9 20 * *", calendar.After), instant(t, cal, "2020-06-12 00:00"), instant(t, cal, "2024-01-01 00:00"))
	if len(rounds) != 43 {
		t.Fatalf("%d rounds", len(rounds))
	}
	if got := rounds[0].Format(time.RFC3339); got != "2020-06-22T09:00:00+08:00" {
		t.Errorf("first: %s", got)
	}
	if got := rounds[42].Format(time.RFC3339); got != "2023-12-20T09:00:00+08:00" {
		t.Errorf("last: %s", got)
	}
	for _, at := range rounds {
		if !cal.IsWorkday(cal.DateOf(at)) {
			t.Errorf("%s is no work day", at)
		}
	}
}

func instant(t testing.TB, cal *calendar.Calendar, s string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", s, cal.Location())
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestNext(t *testing.T) {
	cal := statutory(t)
	cases := []struct {
		name, spec string
		roll       calendar.Roll
		from, want string // want: the occurrences that follow, times of day left out when 09:00
	}{
		{"fifth work day", "0 9 WD5 * *", calendar.Stay, "2023-01-01 00:00", "2023-01-09 2023-02-07 2023-03-07"},
		{"fifth work day, July", "0 9 WD5 7 *", calendar.Before, "2023-01-01 00:00", "2023-07-07"},
		{"fifth work day behind make-up days", "0 9 WD5 5,10 *", calendar.After, "2023-01-01 00:00", "2023-05-09 2023-10-11"},
		{"last work day before a holiday", "0 9 LW 4,9,12 *", calendar.Stay, "2023-01-01 00:00", "2023-04-28 2023-09-28 2023-12-29"},
		{"the same, counted from the end", "0 9 wd-1 4,9,12 *", calendar.Stay, "2023-01-01 00:00", "2023-04-28 2023-09-28 2023-12-29"},
		{"last work day but two", "0 9 WD-3 6 *", calendar.Stay, "2023-01-01 00:00", "2023-06-28 2024-06-26"},
		{"last day", "0 9 L 2 *", calendar.Stay, "2023-01-01 00:00", "2023-02-28 2024-02-29 2025-02-28"},
		{"last day, a Sunday, before", "0 9 L 12 *", calendar.Before, "2023-01-01 00:00", "2023-12-29"},
		{"last day, a Sunday, after: into the next year", "0 9 L 12 *", calendar.After, "2023-01-01 00:00", "2023-01-03 2024-01-02"},
		{"no rule is before", "0 9 L 12 *", "", "2023-01-01 00:00", "2023-12-29"},
		{"nearest", "0 9 22,24 6 *", calendar.Nearest, "2023-01-01 00:00", "2023-06-21 2023-06-25"},
		{"a list with a word", "0 9 1,LW 3 *", calendar.Before, "2023-03-01 00:00", "2023-03-01 2023-03-31"},
		{"days of month and week add up", "0 9 LW 3 mon", calendar.Stay, "2023-03-19 00:00", "2023-03-20 2023-03-27 2023-03-31"},
		{"two days that meet count once", "0 9 22,23,24,25 6 *", calendar.After, "2023-06-01 00:00", "2023-06-25 2024-06-24"},
		{"a make-up Sunday is a work day", "0 9 25 6 *", calendar.Before, "2023-06-01 00:00", "2023-06-25"},
		{"moved back before now: not again", "0 9 24 6 *", calendar.Before, "2023-06-22 00:00", "2024-06-24"},
		{"moved forward past now: not lost", "0 9 22 6 *", calendar.After, "2023-06-23 12:00", "2023-06-25 2024-06-24"},
		{"strictly after", "0 9 21 6 *", calendar.Before, "2023-06-21 09:00", "2024-06-21"},
		{"later the same day", "30 9,17 21 6 *", calendar.Before, "2023-06-21 09:30", "2023-06-21T17:30 2024-06-21T09:30"},
		{"Monday a holiday", "0 9 * * 1", calendar.After, "2023-05-01 00:00", "2023-05-04 2023-05-08"},
		{"every quarter of an hour", "*/15 8 * * *", calendar.Stay, "2023-05-01 08:31", "2023-05-01T08:45 2023-05-02T08:00"},
		{"a year without a notice", "0 9 L 10 *", calendar.Before, "2090-01-01 00:00", "2090-10-31"},
		{"leap days, eight years apart", "0 9 29 2 *", calendar.Stay, "2097-01-01 00:00", "2104-02-29"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := mustCron(t, cal, c.spec, c.roll)
			at := instant(t, cal, c.from)
			var got []string
			for range strings.Fields(c.want) {
				at = s.Next(at)
				got = append(got, strings.TrimSuffix(at.Format("2006-01-02T15:04"), "T09:00"))
			}
			if g := strings.Join(got, " "); g != c.want {
				t.Errorf("got %s, want %s", g, c.want)
			}
		})
	}
}

func TestNextIsInTheZoneOfTheCalendar(t *testing.T) {
	cal := statutory(t)
	at := mustCron(t, cal, "0 0 1 * *", calendar.Stay).Next(time.Date(2023, 2, 28, 15, 59, 59, 999, time.UTC))
	if got := at.Format(time.RFC3339); got != "2023-03-01T00:00:00+08:00" {
		t.Error(got)
	}
}

func TestSummerTimeLosesAndDoublesNothing(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	cal, err := calendar.New(nil, nil, calendar.Options{Zone: zone})
	if err != nil {
		t.Fatal(err)
	}
	s := mustCron(t, cal, "30 2 * * *", calendar.Stay)
	for _, from := range []string{"2023-03-25 00:00", "2023-10-28 00:00"} { // the clocks change on the second day
		at := instant(t, cal, from)
		days := between(s, at, at.AddDate(0, 0, 4))
		if len(days) != 4 {
			t.Errorf("%v", days)
		}
	}
}

func TestParseCronRefuses(t *testing.T) {
	cal := statutory(t)
	cases := []struct{ spec, want string }{
		{"", "0 fields"},
		{"0 9 20 *", "4 fields"},
		{"0 0 9 20 * *", "6 fields"},
		{"@daily", "1 fields"},
		{"TZ=Asia/Shanghai", "a zone cannot be given"},
		{"CRON_TZ=", "a zone cannot be given"},
		{"CRON_TZ=UTC 0 9 20 * *", "a zone cannot be given"},
		{"TZ= 9 20 * *", "a zone cannot be given"},
		{"0 9 31 2 *", "no such day ever comes"},
		{"0 9 31 4,6 *", "no such day ever comes"},
		{"0 9 WD24 * *", "no such day ever comes"},
		{"0 9 WD23 2 *", "no such day ever comes"},
		{"0 9 5W * *", "the words are L, LW, WD5 and WD-1"},
		{"0 9 L-3 * *", "the words are L, LW, WD5 and WD-1"},
		{"0 9 WD * *", "write WD1 for the first work day"},
		{"0 9 WD0 * *", "write WD1 for the first work day"},
		{"0 9 WD99999999999999999999 * *", "write WD1 for the first work day"},
		{"0 9 1,,2 * *", "has an empty part"},
		{"60 9 * * *", "above maximum"},
		{"0 24 * * *", "above maximum"},
		{"0 9 32 * *", "above maximum"},
		{"0 9 * * L", "failed to parse"},
		{"0 9 * * 7", "above maximum"},
	}
	for _, c := range cases {
		s, err := scheduler.ParseCron(c.spec, cal, calendar.Before)
		if s != nil || err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "scheduler: cron ") {
			t.Errorf("%q: %v, want %s", c.spec, err, c.want)
		}
	}
	if _, err := scheduler.ParseCron("0 9 * * *", cal, "sideways"); err == nil || !strings.Contains(err.Error(), `roll rule "sideways"`) {
		t.Error(err)
	}
	if _, err := scheduler.ParseCron("0 9 * * *", nil, calendar.Before); err == nil {
		t.Error("no calendar was accepted")
	}
}

// TestStayAgreesWithTheLibrary: without own words and rolls, a schedule is the
// library's.
func TestStayAgreesWithTheLibrary(t *testing.T) {
	cal := statutory(t)
	rng := rand.New(rand.NewPCG(1, 2))
	for _, spec := range []string{"0 9 20 * *", "*/7 8-17 * * 1-5", "5 4 13 * fri", "0 0 29 2 *", "59 23 31 */2 0,6", "0 12 */10 1-6 *"} {
		theirs, err := cron.ParseStandard(spec)
		if err != nil {
			t.Fatal(err)
		}
		ours := mustCron(t, cal, spec, calendar.Stay)
		for range 200 {
			at := time.Unix(1_500_000_000+rng.Int64N(500_000_000), rng.Int64N(1e9)).In(cal.Location())
			if got, want := ours.Next(at), theirs.Next(at); !got.Equal(want) {
				t.Fatalf("%s after %s: %s, want %s", spec, at, got, want)
			}
		}
	}
}

// TestRolledOccurrencesAreTheRolledDaysOnceEach compares Next with rolling each
// day of the pattern by hand.
func TestRolledOccurrencesAreTheRolledDaysOnceEach(t *testing.T) {
	cal := statutory(t)
	from, to := instant(t, cal, "2020-03-01 00:00"), instant(t, cal, "2024-03-01 00:00")
	for _, spec := range []string{"0 9 20 * *", "0 9 * * *", "15,45 8,20 1,15,L * *", "0 9 L * sun", "30 10 1-7 * 6", "0 9 WD1,WD-1,30 * *"} {
		for _, roll := range []calendar.Roll{calendar.Before, calendar.After, calendar.Nearest, calendar.Stay} {
			var want []time.Time
			for _, at := range between(mustCron(t, cal, spec, calendar.Stay), from.AddDate(0, 0, -40), to.AddDate(0, 0, 40)) {
				y, m, d := cal.Roll(cal.DateOf(at), roll).Civil()
				at = time.Date(y, m, d, at.Hour(), at.Minute(), 0, 0, cal.Location())
				if !at.Before(from) && at.Before(to) {
					want = append(want, at)
				}
			}
			slices.SortFunc(want, time.Time.Compare)
			want = slices.CompactFunc(want, time.Time.Equal)
			if got := between(mustCron(t, cal, spec, roll), from, to); !reflect.DeepEqual(got, want) {
				t.Errorf("%s %s: %d occurrences, want %d", spec, roll, len(got), len(want))
			}
		}
	}
}

// TestNextIsMonotone: later instants never have earlier next occurrences, and
// nothing lies between an instant and its next occurrence.
func TestNextIsMonotone(t *testing.T) {
	cal := statutory(t)
	rng := rand.New(rand.NewPCG(3, 4))
	for _, roll := range []calendar.Roll{calendar.Before, calendar.After, calendar.Nearest, calendar.Stay} {
		s := mustCron(t, cal, "10,40 0,9,23 1,7,WD5,L * 3", roll)
		for range 2000 {
			a := time.Unix(1_580_000_000+rng.Int64N(200_000_000), rng.Int64N(1e9))
			b := a.Add(time.Duration(rng.Int64N(int64(240 * time.Hour))))
			na, nb := s.Next(a), s.Next(b)
			if !na.After(a) || nb.Before(na) || (na.After(b) && !na.Equal(nb)) {
				t.Fatalf("%s: %s → %s, %s → %s", roll, a, na, b, nb)
			}
		}
	}
}

func FuzzParseCron(f *testing.F) {
	for _, s := range []string{"0 9 20 * *", "0 9 L,LW,WD5,WD-1 * *", "TZ=X", "CRON_TZ=A 0 9 * * *", "*/0 * * * *", "0-59/9 ? ? jan-dec sun", "0 9 31 2 *", "@every 1h", "1-99999999999999999999 * * * *"} {
		f.Add(s, "after", int64(1_700_000_000))
	}
	cal := statutory(f)
	f.Fuzz(func(t *testing.T, spec, roll string, unix int64) {
		s, err := scheduler.ParseCron(spec, cal, calendar.Roll(roll))
		if err != nil {
			return
		}
		from := time.Unix(unix, 0)
		if at := s.Next(from); !at.IsZero() && !at.After(from) {
			t.Fatalf("%s after %s: %s", spec, from, at)
		}
		if at := time.Unix(unix%4_000_000_000, 0); s.Next(at).IsZero() {
			t.Fatalf("%s: nothing after %s", spec, at)
		}
	})
}
