package workflows

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// cronFault says what is wrong with a periodic start, or "". Besides the five
// standard fields the day of the month may be L (last day), LW (last work day)
// or WDn (n-th work day), which the scheduler resolves on the calendar.
func cronFault(spec string) (what, hint string) {
	const form = `write five fields: minute hour day month weekday, such as "0 9 20 * *"`
	if strings.Contains(spec, "TZ=") { // the parser panics on some of these
		return "a time zone is not accepted", "times are in the configured zone"
	}
	fields := strings.Fields(spec)
	if len(fields) != 5 {
		return fmt.Sprintf("expected five fields, found %d", len(fields)), form
	}
	if isCalendarDay(fields[2]) {
		fields[2] = "*"
	}
	schedule, err := cron.ParseStandard(strings.Join(fields, " "))
	if err != nil {
		return err.Error(), form
	}
	if schedule.Next(time.Date(2023, time.January, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return fmt.Sprintf("%q never comes", spec), ""
	}
	return "", ""
}

func isCalendarDay(field string) bool {
	if field == "L" || field == "LW" {
		return true
	}
	n, err := strconv.Atoi(strings.TrimPrefix(field, "WD"))
	return strings.HasPrefix(field, "WD") && err == nil && n >= 1 && n <= 23
}
