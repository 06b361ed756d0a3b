package calendar_test

import (
	"testing"

	"duban/engine/calendar"
)

func TestACalendarComesBackFromItsSource(t *testing.T) {
	c := shipped(t)
	source, err := c.Source()
	if err != nil {
		t.Fatal(err)
	}
	back, err := calendar.FromSource(source)
	if err != nil {
		t.Fatal(err)
	}
	for d := day(t, "2019-12-01"); d <= day(t, "2027-02-01"); d++ {
		if c.IsWorkday(d) != back.IsWorkday(d) || c.InVacation(d) != back.InVacation(d) || c.Why(d) != back.Why(d) || !c.Closing(d).Equal(back.Closing(d)) {
			t.Fatalf("%s is another day after the round trip", d)
		}
	}
	again, err := back.Source()
	if err != nil || again != source {
		t.Errorf("the source of the copy differs: %v", err)
	}
	for _, bad := range []string{"", "{}x", `{"Zone":"Nowhere/Here"}`} {
		if _, err := calendar.FromSource(bad); err == nil {
			t.Errorf("%q made a calendar", bad)
		}
	}
}
