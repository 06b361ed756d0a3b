package when

import (
	"sync"
	"time"

	lunar "github.com/6tail/lunar-go/calendar"

	"duban/engine/calendar"
)

// The festivals that plans name.
const (
	newYear = iota + 1
	newYearsEve
	spring
	lantern
	women
	tombs
	labour
	youth
	dragon
	children
	party
	army
	autumn
	teachers
	national
	ninth
)

// numbered are festivals that are called by month and day: 七一, 十一. Only 前,
// 后 or 期间 after them tells them from numbers.
var numbered = map[string]int{"三八": women, "五一": labour, "五四": youth, "六一": children, "七一": party, "八一": army, "十一": national}

type monthDay struct {
	month time.Month
	day   int
}

var solarDays = map[int]monthDay{
	newYear: {1, 1}, women: {3, 8}, labour: {5, 1}, youth: {5, 4}, children: {6, 1},
	party: {7, 1}, army: {8, 1}, teachers: {9, 10}, national: {10, 1},
}

// lunarDays are month and day of the lunar year.
var lunarDays = map[int]monthDay{spring: {1, 1}, lantern: {1, 15}, dragon: {5, 5}, autumn: {8, 15}, ninth: {9, 9}}

// lunarYears is one lock for all: the lunar library keeps its tables in
// variables that two readers at once would spoil.
var lunarYears sync.Mutex

// festivalDay is the day of a festival in a year; no date where the years that
// plans have (1990 to 2100) end.
func festivalDay(name, y int) calendar.Date {
	if y < 1990 || y > 2100 {
		return 0
	}
	if d, ok := solarDays[name]; ok {
		return calendar.Of(y, d.month, d.day)
	}
	if name == tombs {
		return calendar.Of(y, time.April, clearBright(y))
	}
	if name == newYearsEve {
		return festivalDay(spring, y).AddDays(-1)
	}
	d := lunarDays[name]
	lunarYears.Lock()
	defer lunarYears.Unlock()
	s := lunar.NewLunarFromYmd(y, int(d.month), d.day).GetSolar()
	return calendar.Of(s.GetYear(), time.Month(s.GetMonth()), s.GetDay())
}

// clearBright is the day of April on which 清明 falls: the sun needs a little
// more than 365.24 days, and leap years pull back. Good for 1990 to 2100.
func clearBright(y int) int {
	if y == 2100 {
		return 5
	}
	n := y - 1900
	if y >= 2000 {
		n = y - 2000
		return int(float64(n)*0.2422+4.81) - n/4
	}
	return int(float64(n)*0.2422+5.59) - n/4
}

func isLunar(name int) bool {
	_, ok := lunarDays[name]
	return ok || name == newYearsEve
}
