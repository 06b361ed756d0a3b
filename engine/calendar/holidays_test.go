package calendar_test

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/6tail/lunar-go/HolidayUtil"

	"duban/engine/calendar"
)

// TestEveryDayAgreesWithLunarGo compares each day of the shipped years with an
// independent collection. There is no day on which the two differ about work.
func TestEveryDayAgreesWithLunarGo(t *testing.T) {
	c := shipped(t)
	for d := day(t, "2020-01-01"); d <= day(t, "2026-12-31"); d++ {
		want := d.Weekday()%6 != 0
		if h := HolidayUtil.GetHoliday(d.String()); h != nil {
			want = h.IsWork()
		}
		if got := c.IsWorkday(d); got != want {
			t.Errorf("%s: work day %v, lunar-go says %v", d.Chinese(), got, want)
		}
	}
}

// TestNamedDaysAgreeWithLunarGo compares which days are called a holiday or a
// make-up day. lunar-go also names weekend days that the notice only calls
// joined with the holiday (与周末连休).
func TestNamedDaysAgreeWithLunarGo(t *testing.T) {
	joined := map[string]bool{"2023-12-30": true, "2023-12-31": true, "2024-06-08": true, "2024-06-09": true}
	named := map[calendar.Date]bool{}
	for _, table := range tables(t) {
		for _, d := range table.Days {
			named[d.Date] = true
		}
	}
	for d := day(t, "2019-12-01"); d <= day(t, "2026-12-31"); d++ {
		want := d.Year() > 2019 && HolidayUtil.GetHoliday(d.String()) != nil && !joined[d.String()]
		if named[d] != want {
			t.Errorf("%s: named %v, want %v", d, named[d], want)
		}
	}
}

func TestShippedTablesNameTheirNotices(t *testing.T) {
	all := tables(t)
	if len(all) != 7 {
		t.Fatalf("%d tables", len(all))
	}
	for i, table := range all {
		if table.Year != 2020+i {
			t.Errorf("table %d is of %d", i, table.Year)
		}
		if !strings.HasPrefix(table.Name, "国办发明电〔") || !strings.Contains(table.Source, "www.gov.cn/") ||
			!strings.Contains(table.Title, "部分节假日安排的通知") {
			t.Errorf("%d: %q %q %q", table.Year, table.Name, table.Title, table.Source)
		}
	}
	if a := all[0].Amended; len(a) != 1 || a[0].Title != "国务院办公厅关于延长2020年春节假期的通知" {
		t.Errorf("amended by %v", a)
	}
}

func TestParseHolidays(t *testing.T) {
	text := "\ufeff# 注释\r\n" +
		"year 2023 省府办〔2022〕 8号 -   # the address is not known\r\n" +
		"title 关于2023年 放假的通知\r\n" +
		"\r\n" +
		"off 2022-12-31 2023-01-02 元旦\r\n" +
		"work 2023-01-28 春节\r\n" +
		"amend 省府办〔2023〕1号 https://example.cn/a#b\r\n" +
		"title 补充通知\r\n" +
		"off 2023-01-28 春节\r\n" +
		"work 2023-01-02 元旦"
	got, faults := calendar.ParseHolidays("h.txt", []byte(text))
	if err := faults.Err(); err != nil || len(got) != 1 {
		t.Fatalf("%d tables, %v", len(got), err)
	}
	table := got[0]
	if table.Name != "省府办〔2022〕 8号" || table.Source != "" || table.Title != "关于2023年 放假的通知" {
		t.Errorf("head: %+v", table)
	}
	if len(table.Amended) != 1 || table.Amended[0] != (calendar.Notice{Name: "省府办〔2023〕1号", Title: "补充通知", Source: "https://example.cn/a#b"}) {
		t.Errorf("amended: %+v", table.Amended)
	}
	want := []calendar.Day{
		{Date: day(t, "2022-12-31"), Name: "元旦"},
		{Date: day(t, "2023-01-01"), Name: "元旦"},
		{Date: day(t, "2023-01-02"), Work: true, Name: "元旦"},
		{Date: day(t, "2023-01-28"), Name: "春节"},
	}
	if len(table.Days) != len(want) {
		t.Fatalf("days: %+v", table.Days)
	}
	for i, d := range table.Days {
		if d != want[i] {
			t.Errorf("day %d is %+v, want %+v", i, d, want[i])
		}
	}
}

func TestParseHolidaysListsEveryFault(t *testing.T) {
	text := strings.Join([]string{
		"off 2023-01-01 元旦",
		"year 2023 国办发明电〔2022〕16号 https://www.gov.cn/x",
		"off 2023-02-30 元旦",
		"off 2023-13-01 2023-00-01 元旦",
		"off 2023-01-02 2023-01-01 元旦",
		"off 2022-11-30 元旦",
		"work 2024-01-01 元旦",
		"off 2023-01-21 2023-01-27 春节",
		"work 2023-01-27 2023-01-28 春节",
		"work 2023-06-26 端午节",
		"off 2023-02-01 2023-03-01 春节",
		"off 2023-04-05",
		"off 2023-04-05 2023-04-06",
		"  假 2023-04-05 清明节",
		"title",
		"off 1023-04-05 清明节",
		"amend 国办发明电〔2023〕1号",
		"amend 国办发明电〔2023〕1号 见官网",
		"year 2023 国办发明电〔2022〕16号 -",
		"off 2023-01-21 春节",
		"year 23 国办发明电〔2022〕16号 -",
		"year 2024 -",
		"year 2025 国办发明电〔2024〕12号 gov.cn",
		"off 2022-01-31 \xff",
		"year 2022 国办发明电〔2021〕11号 -",
		"work 2022-01-29 春节",
	}, "\n")
	got, faults := calendar.ParseHolidays("h.txt", []byte(text))
	if got != nil {
		t.Errorf("tables in spite of faults: %v", got)
	}
	wantFaults(t, faults, []string{
		`h.txt:1:1: "off" stands before any year`,
		`h.txt:3:5: bad date "2023-02-30"`,
		`h.txt:4:5: bad date "2023-13-01"`,
		`h.txt:4:16: bad date "2023-00-01"`,
		"h.txt:5:16: the last day 2023-01-01 is before the first, 2023-01-02",
		"h.txt:6:5: 2022-11-30 to 2022-11-30 is outside 2023",
		"h.txt:7:6: 2024-01-01 to 2024-01-01 is outside 2023",
		"h.txt:9:6: 2023-01-27 is set already, on line 8",
		"h.txt:10:6: 2023-06-26 is a Monday, a work day anyway",
		"h.txt:11:5: 29 days on end",
		"h.txt:12:1: the line is not complete",
		"h.txt:13:1: the line has no name",
		`h.txt:14:3: unknown word "假"`,
		"h.txt:15:1: the title is empty",
		"h.txt:16:5: the year of 1023-04-05 is outside 1990–2199",
		"h.txt:17:1: the line is not complete",
		`h.txt:18:21: "见官网" is no address`,
		"h.txt:19:6: year 2023 is there twice",
		`h.txt:21:6: bad year "23"`,
		"h.txt:22:1: the line is not complete",
		`h.txt:23:26: "gov.cn" is no address`,
		"h.txt:24:1: the line is not UTF-8",
		"h.txt:25:1: year 2022 has no day off",
	})
	if text := faults.Err().Error(); strings.Count(text, "\n")+1 != len(faults) {
		t.Errorf("not one line a fault:\n%s", text)
	}
}

func TestADayTwoYearsClaim(t *testing.T) {
	text := "year 2022 a -\noff 2022-01-01 元旦\nwork 2022-12-31 元旦\nyear 2023 b -\noff 2022-12-31 2023-01-02 元旦\n"
	_, faults := calendar.ParseHolidays("h.txt", []byte(text))
	wantFaults(t, faults, []string{"h.txt:5:5: 2022-12-31 is set already, on line 3"})
}

func FuzzParseHolidays(f *testing.F) {
	f.Add(read(f, holidayFile))
	f.Add([]byte("year 2023 a -\noff 2023-01-01 x\namend b -\ntitle c\nwork 2023-01-01 x\nyear 2022 a -\noff 2022-12-31 x"))
	f.Add([]byte("\ufeffyear 2023 a http://b#c # d\r\noff 2022-12-31 2023-01-02 元旦\r\n"))
	f.Add([]byte("year 2023\nwork \xff\noff 2023-01-01 2023-01-01\nyear 99999999999999999999 a -"))
	f.Fuzz(func(t *testing.T, text []byte) {
		tables, faults := calendar.ParseHolidays("f", text)
		checkFaults(t, text, faults)
		c, err := calendar.New(tables, nil, calendar.Options{Zone: time.UTC})
		if err != nil {
			t.Fatalf("no fault in the file, but: %v", err)
		}
		for _, table := range tables {
			for _, d := range table.Days {
				if c.IsWorkday(d.Date) != d.Work {
					t.Errorf("%s is not what the file says", d.Date)
				}
			}
		}
	})
}

// checkFaults holds what is true of any text: faults come in order and point
// into it.
func checkFaults(t *testing.T, text []byte, faults calendar.Faults) {
	t.Helper()
	lines := bytes.Split(text, []byte("\n"))
	last := 0
	for _, f := range faults {
		if f.Line < last || f.Line < 1 || f.Line > len(lines) {
			t.Fatalf("fault out of order or outside the file: %v", f)
		}
		last = f.Line
		if f.Column < 1 || f.Column > utf8.RuneCount(lines[f.Line-1])+1 {
			t.Fatalf("fault outside its line: %v", f)
		}
	}
}
