// Package seeds is the data the demo runs on: five real plans in plan-file
// form, an invented college, what its office decided, and the calendars.
package seeds

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"duban/engine/calendar"
	"duban/engine/org"
	"duban/plan"
)

//go:embed plans/*.yaml org.yaml decisions.yaml calendar/*.txt
var files embed.FS

// The names of the files within [FS].
const (
	OrgFile       = "org.yaml"
	DecisionsFile = "decisions.yaml"
	HolidaysFile  = "calendar/holidays.txt"
	TermsFile     = "calendar/terms.txt"
	PlanFiles     = "plans/*.yaml" // a pattern
)

// FS is the embedded files, for checks that name file, line and column.
func FS() fs.FS { return files }

// Plans are the five plans in the order of issue. They say what is printed: the
// two that print no day of issue are placed by the office's decision, but their
// Issued stays zero; see [DecisionFile.Issued].
func Plans() ([]*plan.Plan, error) {
	plans, err := load()
	if err != nil {
		return nil, err
	}
	decided, err := decisions(plans)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(plans, func(a, b *plan.Plan) int {
		return cmp.Compare(decided.Issued(a), decided.Issued(b))
	})
	return plans, nil
}

// load reads the plans in the order of their file names.
func load() ([]*plan.Plan, error) {
	names, err := fs.Glob(files, PlanFiles)
	if err != nil {
		return nil, fmt.Errorf("seeds: plans: %w", err)
	}
	var plans []*plan.Plan
	var errs []error
	for _, name := range names {
		data, err := files.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("seeds: plans: %w", err)
		}
		p, faults := plan.Load(name, data)
		errs = append(errs, faults.Err())
		plans = append(plans, p)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("seeds: plans: %w", err)
	}
	return plans, nil
}

// Org is the invented college.
func Org() (*org.Org, error) {
	data, err := files.ReadFile(OrgFile)
	if err != nil {
		return nil, fmt.Errorf("seeds: org: %w", err)
	}
	o, faults := org.Load(OrgFile, data)
	if err := faults.Err(); err != nil {
		return nil, fmt.Errorf("seeds: org: %w", err)
	}
	return o, nil
}

// Decisions are what the college's office decided about the five plans, in the
// order of time.
func Decisions() (*DecisionFile, error) {
	plans, err := load()
	if err != nil {
		return nil, err
	}
	return decisions(plans)
}

func decisions(plans []*plan.Plan) (*DecisionFile, error) {
	o, err := Org()
	if err != nil {
		return nil, err
	}
	data, err := files.ReadFile(DecisionsFile)
	if err != nil {
		return nil, fmt.Errorf("seeds: decisions: %w", err)
	}
	f, faults := LoadDecisions(DecisionsFile, data, plans, o)
	if err := faults.Err(); err != nil {
		return nil, fmt.Errorf("seeds: decisions: %w", err)
	}
	return f, nil
}

// Calendar is the State Council's holidays and the college's terms, with the
// usual office hours of Asia/Shanghai.
func Calendar() (*calendar.Calendar, error) {
	holidays, err := files.ReadFile(HolidaysFile)
	if err != nil {
		return nil, fmt.Errorf("seeds: calendar: %w", err)
	}
	school, err := files.ReadFile(TermsFile)
	if err != nil {
		return nil, fmt.Errorf("seeds: calendar: %w", err)
	}
	tables, bad := calendar.ParseHolidays(HolidaysFile, holidays)
	terms, worse := calendar.ParseTerms(TermsFile, school)
	if err := errors.Join(bad.Err(), worse.Err()); err != nil {
		return nil, fmt.Errorf("seeds: calendar: %w", err)
	}
	c, err := calendar.New(tables, terms, calendar.Options{})
	if err != nil {
		return nil, fmt.Errorf("seeds: calendar: %w", err)
	}
	return c, nil
}
