// Package doctor looks at everything the service depends on and says what is
// wrong and what to do. It sends nothing and writes nothing.
package doctor

import (
	"context"
	"time"

	"duban/cmd/duban/internal/config"
	"duban/engine/calendar"
	"duban/engine/org"
	"duban/notifier/mail"
	"duban/notifier/wecom"
)

// Level is how grave a finding is.
type Level string

// The levels. Only Fail is something wrong; Warn may be meant.
const (
	OK   Level = "ok"
	Warn Level = "warn"
	Fail Level = "fail"
)

// Finding is one line of the result.
type Finding struct {
	Level Level  `json:"level"`
	Area  string `json:"area"` // config, calendar, channels, clock, disk, data or organisation
	What  string `json:"what"`
	Do    string `json:"do,omitempty"` // "" where nothing is to be done
}

// Patient is what is looked at.
type Patient struct {
	Config    *config.Config
	Calendar  *calendar.Calendar
	Org       *org.Org
	Mail      *mail.Channel  // nil: no mail server is configured
	WeCom     *wecom.Channel // nil: no robots are configured
	Unreached []string       // who cannot be reached by what config says, as serve warns of it
	Running   bool           // a service answers on the data folder
	Now       func() time.Time
}

// Examine looks at every area. The findings come in the order of the areas; ctx
// bounds what waits for a network.
func Examine(ctx context.Context, p Patient) []Finding {
	var f findings
	p.calendar(&f)
	theirs := p.channels(ctx, &f)
	p.clock(&f, theirs)
	p.disk(&f)
	p.data(ctx, &f)
	p.organisation(&f)
	return f
}

// findings collects.
type findings []Finding

func (f *findings) ok(area, what string)       { *f = append(*f, Finding{OK, area, what, ""}) }
func (f *findings) warn(area, what, do string) { *f = append(*f, Finding{Warn, area, what, do}) }
func (f *findings) fail(area, what, do string) { *f = append(*f, Finding{Fail, area, what, do}) }

// today is the organisation's date.
func (p *Patient) today() calendar.Date { return p.Calendar.DateOf(p.Now()) }
