package when

import (
	"sync"
	"testing"

	lunar "github.com/6tail/lunar-go/calendar"

	"duban/engine/calendar"
)

// The short formula of 清明 agrees with the astronomers' table.
func TestClearBrightIsThatOfTheAlmanac(t *testing.T) {
	for y := 1990; y <= 2100; y++ {
		s := lunar.NewLunarFromYmd(y, 1, 1).GetJieQiTable()["清明"]
		if s.GetMonth() != 4 || s.GetDay() != clearBright(y) {
			t.Errorf("%d: %s, computed 4-%d", y, s.ToYmd(), clearBright(y))
		}
	}
}

// Days as the State Council's notices give them.
func TestFestivalsOfKnownYears(t *testing.T) {
	for _, tt := range []struct {
		name, y int
		want    calendar.Date
	}{
		{spring, 2016, calendar.Of(2016, 2, 8)}, {spring, 2023, calendar.Of(2023, 1, 22)}, {spring, 2026, calendar.Of(2026, 2, 17)},
		{newYearsEve, 2024, calendar.Of(2024, 2, 9)}, {lantern, 2024, calendar.Of(2024, 2, 24)}, {tombs, 2023, calendar.Of(2023, 4, 5)},
		{dragon, 2023, calendar.Of(2023, 6, 22)}, {autumn, 2025, calendar.Of(2025, 10, 6)}, {ninth, 2023, calendar.Of(2023, 10, 23)},
		{national, 2023, calendar.Of(2023, 10, 1)}, {spring, 1900, 0}, {dragon, 2200, 0},
	} {
		if got := festivalDay(tt.name, tt.y); got != tt.want {
			t.Errorf("festival %d of %d: %s, want %s", tt.name, tt.y, got, tt.want)
		}
	}
}

// The lunar library keeps its tables in variables; readers at once must not
// spoil them (run with -race).
func TestManyReadersAtOnce(t *testing.T) {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for y := 2000 + i; y < 2040; y += 8 {
				if found := Alone("端午节前", Context{Year: y}); len(found) != 1 || found[0].End != festivalDay(dragon, y)-1 {
					t.Errorf("%d: %+v", y, found)
				}
			}
		})
	}
	wg.Wait()
}
