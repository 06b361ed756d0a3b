package config

import (
	"fmt"
	"time"

	"duban/engine/fault"
)

// Clock is a time of day, counted from midnight: 17:30.
type Clock time.Duration

// At is the Clock of an hour and a minute.
func At(hour, minute int) Clock {
	return Clock(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
}

// Duration is the time since midnight.
func (c Clock) Duration() time.Duration { return time.Duration(c) }

// String is 17:30.
func (c Clock) String() string {
	minutes := int(time.Duration(c) / time.Minute)
	return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60)
}

// MarshalText writes 17:30.
func (c Clock) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads 17:30 or 8:30, from 00:00 to 23:59.
func (c *Clock) UnmarshalText(b []byte) error {
	t, err := time.Parse("15:04", string(b))
	if err != nil {
		return fault.Fault{What: fmt.Sprintf("%q is no time of day", b), Hint: "write it as 17:30, from 00:00 to 23:59"}
	}
	*c = At(t.Hour(), t.Minute())
	return nil
}
