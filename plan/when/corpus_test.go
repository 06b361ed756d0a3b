package when_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"duban/engine/calendar"
	"duban/plan/when"
)

// The expressions of real documents, where they are kept: DUBAN_CORPUS, or beside
// the project. At least 98 of 100 must be read exactly, and no negative at all.
func TestExpressionsOfRealDocuments(t *testing.T) {
	folder := os.Getenv("DUBAN_CORPUS")
	if folder == "" {
		folder = "../../../shared/corpus"
	}
	data, err := os.ReadFile(filepath.Join(folder, "time_expressions.tsv"))
	if err != nil {
		t.Skip("no corpus:", err)
	}
	total, right := 0, 0
	for line := range strings.Lines(string(data)) {
		row := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		if len(row) < 8 || row[0] == "expression" {
			continue
		}
		day, err := calendar.ParseDate(row[1])
		if err != nil {
			t.Fatal(err)
		}
		found := when.Alone(row[0], when.Context{Issued: day})
		total++
		switch ok := means(found, row); {
		case ok:
			right++
		case row[2] == "negative":
			t.Errorf("%s is no deadline, read %s", row[0], shorts(found))
		default:
			t.Logf("%s: read %s, want %v", row[0], shorts(found), row[2:8])
		}
	}
	if total == 0 || 100*right < 98*total {
		t.Errorf("%d of %d", right, total)
	}
}

// means says that the readings hold the one of a row: kind, start, end, cadence,
// count, at_least.
func means(found []when.Found, row []string) bool {
	if row[2] == "negative" {
		return len(found) == 0
	}
	for _, f := range found {
		count := ""
		if f.Count > 0 {
			count = strconv.Itoa(f.Count)
		}
		if string(f.Kind) == row[2] && f.Start.String() == row[3] && f.End.String() == row[4] && f.Cadence == row[5] &&
			count == row[6] && strconv.FormatBool(f.AtLeast) == row[7] {
			return true
		}
	}
	return false
}
