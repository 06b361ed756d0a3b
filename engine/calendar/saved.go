package calendar

import (
	"encoding/json"
	"fmt"
	"time"
)

// saved is a calendar as kept beside the history that was written by it.
type saved struct {
	Zone                          string
	Open, Close, SendFrom, SendTo time.Duration
	Tables                        []Table
	Terms                         []Term
}

// Source is the calendar as text: FromSource makes the same calendar of it, and
// two calendars that answer alike because they were made alike have the same.
func (c *Calendar) Source() (string, error) {
	b, err := json.Marshal(saved{c.o.Zone.String(), c.o.Open, c.o.Close, c.o.SendFrom, c.o.SendTo, c.tables, c.terms})
	if err != nil {
		return "", fmt.Errorf("calendar: source: %w", err)
	}
	return string(b), nil
}

// FromSource makes a calendar of what Source gave.
func FromSource(source string) (*Calendar, error) {
	var s saved
	if err := json.Unmarshal([]byte(source), &s); err != nil {
		return nil, fmt.Errorf("calendar: from source: %w", err)
	}
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		return nil, fmt.Errorf("calendar: from source: %w", err)
	}
	return New(s.Tables, s.Terms, Options{Zone: zone, Open: s.Open, Close: s.Close, SendFrom: s.SendFrom, SendTo: s.SendTo})
}
