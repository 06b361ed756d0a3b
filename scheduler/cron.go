package scheduler

import (
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"duban/engine/calendar"
)

// ParseCron reads a schedule of five fields: minute, hour, day of the month,
// month, day of the week, in the zone of the calendar. The day of the month may
// also hold, alone or in a list, L (last day), LW (last work day), WD5 (fifth
// work day) and WD-2 (last work day but one). As in cron, days of the month and
// days of the week add up when both are given.
//
// Where a day is no work day, roll says where the occurrence goes, at the same
// time of day; days that meet there count once. A time of day that summer time
// skips is moved, one that comes twice is taken once.
func ParseCron(spec string, cal *calendar.Calendar, roll calendar.Roll) (cron.Schedule, error) {
	s, err := parseCron(spec, cal, roll)
	if err != nil {
		return nil, fmt.Errorf("scheduler: cron %q: %w", spec, err)
	}
	return s, nil
}

// cronFields takes neither seconds nor words such as @daily.
var cronFields = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)

func parseCron(spec string, cal *calendar.Calendar, roll calendar.Roll) (*workdaySchedule, error) {
	fields := strings.Fields(spec)
	switch {
	case cal == nil:
		return nil, errors.New("no calendar")
	case strings.Contains(spec, "="): // the library panics on some TZ= input
		return nil, errors.New("a zone cannot be given; the calendar's holds")
	case len(fields) != 5:
		return nil, fmt.Errorf("%d fields; write minute, hour, day of the month, month, day of the week", len(fields))
	}
	s := &workdaySchedule{cal: cal, roll: roll}
	switch roll {
	case "":
		s.roll = calendar.Before
	case calendar.Before, calendar.After, calendar.Nearest, calendar.Stay:
	default:
		return nil, fmt.Errorf("roll rule %q; one of before, after, nearest, stay", roll)
	}
	plain, err := s.takeWords(fields[2])
	if err != nil {
		return nil, err
	}
	fields[2] = plain
	if plain == "" {
		fields[2] = "1"
	}
	parsed, err := cronFields.Parse(strings.Join(fields, " "))
	if err != nil {
		return nil, err
	}
	s.bits = *parsed.(*cron.SpecSchedule) // five fields give no other type
	if plain == "" {
		s.bits.Dom = 0
	}
	if s.Next(cal.Opening(calendar.Of(2000, time.January, 1))).IsZero() {
		return nil, errors.New("no such day ever comes")
	}
	return s, nil
}

// workdaySchedule is a cron.Schedule on the statutory calendar.
type workdaySchedule struct {
	cal  *calendar.Calendar
	roll calendar.Roll
	bits cron.SpecSchedule
	last bool  // L
	nth  []int // WD5 is 5, WD-1 is -1
}

// takeWords keeps the calendar's own words of a day field and gives back the
// rest.
func (s *workdaySchedule) takeWords(field string) (string, error) {
	var rest []string
	for part := range strings.SplitSeq(field, ",") {
		word := strings.ToUpper(part)
		digits, numbered := strings.CutPrefix(word, "WD")
		switch {
		case word == "":
			return "", fmt.Errorf("%q has an empty part", field)
		case word == "L":
			s.last = true
		case word == "LW":
			s.nth = append(s.nth, -1)
		case numbered:
			n, err := strconv.Atoi(digits)
			if err != nil || n == 0 || n > 31 || n < -31 {
				return "", fmt.Errorf("%q; write WD1 for the first work day, WD-1 for the last", part)
			}
			s.nth = append(s.nth, n)
		case strings.ContainsAny(word, "LW"):
			return "", fmt.Errorf("%q; the words are L, LW, WD5 and WD-1", part)
		default:
			rest = append(rest, part)
		}
	}
	return strings.Join(rest, ","), nil
}

// Leap days are up to eight years apart, and a roll may cross the year's end.
const searchDays = 9 * 366

// Next is the first occurrence strictly after t, in the calendar's zone; the
// zero time when none comes in nine years.
//
// Only days are searched, since every day has the same times: a day is taken
// when some day of the pattern rolls onto it. So an occurrence moved before t
// cannot come again, and one moved past t is not lost.
func (s *workdaySchedule) Next(t time.Time) time.Time {
	day := s.cal.DateOf(t)
	for range searchDays {
		if s.taken(day) {
			if at := s.firstAfter(day, t); !at.IsZero() {
				return at
			}
		}
		day++
	}
	return time.Time{}
}

func (s *workdaySchedule) taken(d calendar.Date) bool {
	if s.roll == calendar.Stay {
		return s.named(d)
	}
	if !s.cal.IsWorkday(d) {
		return false
	}
	from, to := s.cal.AddWorkdays(d, -1), s.cal.AddWorkdays(d, 1)
	for near := from + 1; near < to; near++ {
		if s.named(near) && s.cal.Roll(near, s.roll) == d {
			return true
		}
	}
	return false
}

// starBit is set by the parser for a field that begins with "*" or "?".
const starBit = 1 << 63

// named says whether the pattern names d, work day or not.
func (s *workdaySchedule) named(d calendar.Date) bool {
	_, month, day := d.Civil()
	if s.bits.Month>>uint(month)&1 == 0 {
		return false
	}
	inMonth := s.bits.Dom>>uint(day)&1 == 1 || s.spoken(d)
	inWeek := s.bits.Dow>>uint(d.Weekday())&1 == 1
	if (s.bits.Dom|s.bits.Dow)&starBit != 0 {
		return inMonth && inWeek
	}
	return inMonth || inWeek
}

// spoken says whether one of the calendar's own words means d.
func (s *workdaySchedule) spoken(d calendar.Date) bool {
	if s.last && (d+1).Month() != d.Month() {
		return true
	}
	year, month, _ := d.Civil()
	for _, n := range s.nth {
		nth := s.cal.NthWorkday(year, month, n)
		if n < 0 {
			nth = s.cal.AddWorkdays(calendar.Of(year, month+1, 1), n)
		}
		if nth == d {
			return true
		}
	}
	return false
}

// firstAfter is the first time of day of d after t, or the zero time.
func (s *workdaySchedule) firstAfter(d calendar.Date, t time.Time) (first time.Time) {
	year, month, day := d.Civil()
	for hours := s.bits.Hour &^ starBit; hours != 0; hours &= hours - 1 {
		for minutes := s.bits.Minute &^ starBit; minutes != 0; minutes &= minutes - 1 {
			at := time.Date(year, month, day, bits.TrailingZeros64(hours), bits.TrailingZeros64(minutes), 0, 0, s.cal.Location())
			if at.After(t) && (first.IsZero() || at.Before(first)) {
				first = at
			}
		}
	}
	return first
}
