package calendar_test

import (
	"strings"
	"testing"
	"time"

	"duban/engine/calendar"
)

func at(t *testing.T, c *calendar.Calendar, s string) time.Time {
	t.Helper()
	v, err := time.ParseInLocation("2006-01-02 15:04:05.999", s, c.Location())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestOfficeHours(t *testing.T) {
	c := shipped(t)
	if got := c.Location().String(); got != "Asia/Shanghai" {
		t.Errorf("the zone is %s", got)
	}
	d := day(t, "2023-06-30")
	if got := c.Opening(d).Format(time.RFC3339); got != "2023-06-30T09:00:00+08:00" {
		t.Errorf("opens at %s", got)
	}
	if got := c.Closing(d).Format(time.RFC3339); got != "2023-06-30T17:30:00+08:00" {
		t.Errorf("closes at %s", got)
	}
}

func TestHoursAreWallClock(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin") // has a summer time
	if err != nil {
		t.Fatal(err)
	}
	c, err := calendar.New(nil, nil, calendar.Options{Zone: zone, Open: 8*time.Hour + 45*time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Opening(day(t, "2024-03-31")).Format("15:04 MST"); got != "08:45 CEST" {
		t.Errorf("on the day clocks go forward the office opens at %s", got)
	}
	if !c.MaySend(at(t, c, "2024-10-28 08:30:00")) || c.MaySend(at(t, c, "2024-10-28 08:29:59")) {
		t.Error("sending hours do not follow the wall clock")
	}
}

func TestMaySend(t *testing.T) {
	c := shipped(t)
	for _, tt := range []struct {
		at   string
		want bool
	}{
		{"2023-06-30 08:29:59.999", false},
		{"2023-06-30 08:30:00", true},
		{"2023-06-30 17:29:59.999", true},
		{"2023-06-30 17:30:00", false},
		{"2023-06-25 10:00:00", true}, // a make-up Sunday
		{"2023-06-22 10:00:00", false},
		{"2023-12-31 10:00:00", false},
	} {
		if got := c.MaySend(at(t, c, tt.at)); got != tt.want {
			t.Errorf("may send at %s: %v, want %v", tt.at, got, tt.want)
		}
		if got := c.MaySend(at(t, c, tt.at).UTC()); got != tt.want {
			t.Errorf("may send at %s, given in UTC: %v, want %v", tt.at, got, tt.want)
		}
	}
}

func TestNextMorning(t *testing.T) {
	c := shipped(t)
	for _, tt := range []struct{ at, want string }{
		{"2023-06-30 08:00:00", "2023-06-30 09:00:00"},
		{"2023-06-30 09:00:00", "2023-06-30 09:00:00"},
		{"2023-06-30 09:00:00.001", "2023-07-03 09:00:00"},
		{"2023-06-21 18:00:00", "2023-06-25 09:00:00"},
		{"2023-12-30 23:59:59", "2024-01-02 09:00:00"},
	} {
		if got := c.NextMorning(at(t, c, tt.at).UTC()); !got.Equal(at(t, c, tt.want)) {
			t.Errorf("the morning after %s is %s, want %s", tt.at, got, tt.want)
		}
	}
}

func TestProvisional(t *testing.T) {
	c := shipped(t)
	if first, last := c.Years(); first != 2020 || last != 2026 {
		t.Errorf("tables from %d to %d", first, last)
	}
	for date, want := range map[string]bool{
		"2019-12-31": true, "2020-01-01": false, "2026-12-31": false, "2027-01-01": true,
	} {
		if got := c.Provisional(day(t, date)); got != want {
			t.Errorf("%s provisional: %v, want %v", date, got, want)
		}
	}
	all := tables(t)
	gap, err := calendar.New([]calendar.Table{all[0], all[3]}, nil, calendar.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !gap.Provisional(day(t, "2021-06-14")) || !gap.IsWorkday(day(t, "2021-06-14")) {
		t.Error("a year missing in the middle is not provisional")
	}
	empty, err := calendar.New(nil, nil, calendar.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if first, last := empty.Years(); first != 0 || last != 0 || !empty.Provisional(day(t, "2023-01-01")) {
		t.Errorf("without tables the years are %d to %d", first, last)
	}
}

func TestWhy(t *testing.T) {
	c := shipped(t)
	for _, tt := range []struct{ date, want string }{
		{"2023-06-25", "2023-06-25是星期日，按国务院办公厅2023年端午节调休安排为工作日。"},
		{"2023-06-22", "2023-06-22是星期四，按国务院办公厅2023年端午节放假安排休息。"},
		{"2022-12-31", "2022-12-31是星期六，按国务院办公厅2023年元旦放假安排休息。"},
		{"2020-02-01", "2020-02-01是星期六，按国务院办公厅2020年春节放假安排休息。"},
		{"2023-12-31", "2023-12-31是星期日，休息日。"},
		{"2023-06-20", "2023-06-20是星期二，工作日。"},
		{"2027-02-28", "2027-02-28是星期日，尚无国务院办公厅2027年放假安排，暂按周一至周五为工作日推算。"},
		{"", "没有日期。"},
	} {
		if got := c.Why(day(t, tt.date)); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}

func TestWhyRolled(t *testing.T) {
	c := shipped(t)
	for _, tt := range []struct {
		due  string
		roll calendar.Roll
		want string
	}{
		{"2023-12-31", "", "2023年12月31日是星期日，按“提前到工作日”办理，实际期限为2023年12月29日（星期五）。"},
		{"2023-12-31", calendar.After, "2023年12月31日是星期日，按“顺延到工作日”办理，实际期限为2024年1月2日（星期二）。"},
		{"2023-12-30", calendar.Nearest, "2023年12月30日是星期六，按“就近到工作日”办理，实际期限为2023年12月29日（星期五）。"},
		{"2023-12-31", calendar.Stay, "2023年12月31日是星期日，按“不调整”办理，期限不变。"},
		{"2023-06-22", calendar.Before, "2023年6月22日是星期四，端午节放假，按“提前到工作日”办理，实际期限为2023年6月21日（星期三）。"},
		{"2023-06-25", calendar.Before, "2023年6月25日是星期日，按国务院办公厅2023年端午节调休安排为工作日，期限不变。"},
		{"2023-06-30", calendar.Before, "2023年6月30日是星期五，工作日，期限不变。"},
		{"2027-02-28", calendar.Before, "2027年2月28日是星期日，按“提前到工作日”办理，实际期限为2027年2月26日（星期五）（尚无国务院办公厅2027年放假安排，暂按周一至周五为工作日推算）。"},
		{"2026-12-27", calendar.After, "2026年12月27日是星期日，按“顺延到工作日”办理，实际期限为2026年12月28日（星期一）。"},
		{"", calendar.After, "没有期限。"},
	} {
		if got := c.WhyRolled(day(t, tt.due), tt.roll); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	all := tables(t)
	off := func(date string) calendar.Day { return calendar.Day{Date: day(t, date), Name: "春节"} }
	work := func(date string) calendar.Day { return calendar.Day{Date: day(t, date), Work: true, Name: "春节"} }
	spring := calendar.Term{Name: "春", Start: day(t, "2023-02-20"), End: day(t, "2023-07-07")}
	for _, tt := range []struct {
		name   string
		tables []calendar.Table
		terms  []calendar.Term
		o      calendar.Options
		want   []string
	}{
		{"two tables for a year", []calendar.Table{all[0], all[0]}, nil, calendar.Options{}, []string{"year 2020 has a table already"}},
		{"a wild year", []calendar.Table{{Year: 23, Name: "x"}}, nil, calendar.Options{}, []string{"year 23 is outside"}},
		{"a day of another year", []calendar.Table{{Year: 2023, Days: []calendar.Day{off("2022-11-30"), off("2024-01-01")}}}, nil,
			calendar.Options{}, []string{"2022-11-30 is outside 2023", "2024-01-01 is outside 2023"}},
		{"two notices disagree", []calendar.Table{{Year: 2022, Days: []calendar.Day{work("2022-12-31")}}, {Year: 2023, Days: []calendar.Day{off("2022-12-31")}}}, nil,
			calendar.Options{}, []string{"2022-12-31 is both off and a work day"}},
		{"overlapping terms", nil, []calendar.Term{spring, {Name: "夏", Start: day(t, "2023-07-07"), End: day(t, "2023-07-28")}},
			calendar.Options{}, []string{"term 夏: overlaps 春"}},
		{"a term without a start", nil, []calendar.Term{{Name: "空"}}, calendar.Options{}, []string{"term 空"}},
		{"hours upside down, and more", []calendar.Table{{Year: 23}}, nil,
			calendar.Options{Open: 18 * time.Hour, SendFrom: 20 * time.Hour}, []string{"office hours", "sending hours", "the opening", "year 23"}},
		{"nothing could go out in the morning", nil, nil, calendar.Options{Open: 8 * time.Hour}, []string{"the opening 8h0m0s is outside the sending hours"}},
	} {
		c, err := calendar.New(tt.tables, tt.terms, tt.o)
		if err == nil || c != nil {
			t.Errorf("%s: accepted", tt.name)
			continue
		}
		for _, want := range tt.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q is missing in: %v", tt.name, want, err)
			}
		}
	}
}
