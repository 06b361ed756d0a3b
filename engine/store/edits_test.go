package store_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
)

// many is a number from an environment variable, or the usual one.
func many(t *testing.T, variable string, usual int) int {
	t.Helper()
	v := os.Getenv(variable)
	if v == "" {
		return usual
	}
	n, err := strconv.Atoi(v)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}

// forger edits a history of 20 rows at random.
type forger struct {
	*rand.Rand
	t   *testing.T
	raw *sqlx.DB
}

const columns = `seq, instance_id, version, prev, at, event, state, effects, after, hash`

// text changes one byte of a text.
func (f *forger) text(seq int) string {
	column := []string{"event", "state", "effects", "after", "hash"}[f.IntN(5)]
	var old string
	if err := f.raw.Get(&old, `SELECT `+column+` FROM history WHERE seq = ?`, seq); err != nil {
		f.t.Fatal(err)
	}
	b := []byte(old)
	b[f.IntN(len(b))] ^= byte(1 + f.IntN(255))
	f.raw.MustExec(`UPDATE history SET `+column+` = ? WHERE seq = ?`, string(b), seq)
	return fmt.Sprintf("a byte of %s of row %d", column, seq)
}

func (f *forger) number(seq int) string {
	column := []string{"instance_id", "version", "prev", "at"}[f.IntN(4)]
	f.raw.MustExec(`UPDATE history SET `+column+` = `+column+` + ? WHERE seq = ?`, 1+f.IntN(1000), seq)
	return fmt.Sprintf("%s of row %d", column, seq)
}

func (f *forger) deletion(seq int) string {
	seq = min(seq, 19) // the last one is a cut
	f.raw.MustExec(`DELETE FROM history WHERE seq = ?`, seq)
	if f.IntN(2) == 0 {
		f.raw.MustExec(`UPDATE history SET seq = seq - 1 WHERE seq > ?`, seq) // and the gap closed
	}
	return fmt.Sprintf("row %d deleted", seq)
}

func (f *forger) swap(seq int) string {
	other := 1 + (seq+f.IntN(19))%20
	f.raw.MustExec(`UPDATE history SET seq = -1 WHERE seq = ?`, seq)
	f.raw.MustExec(`UPDATE history SET seq = ? WHERE seq = ?`, seq, other)
	f.raw.MustExec(`UPDATE history SET seq = ? WHERE seq = -1`, other)
	return fmt.Sprintf("rows %d and %d swapped", seq, other)
}

func (f *forger) insertion(seq int) string {
	f.raw.MustExec(`UPDATE history SET seq = -seq - 1 WHERE seq >= ?`, seq)
	f.raw.MustExec(`UPDATE history SET seq = -seq WHERE seq < 0`)
	f.raw.MustExec(`INSERT INTO history (`+columns+`) SELECT ?, instance_id, version, prev, at, event, state, effects, after, hash FROM history WHERE seq = ?`,
		seq, 1+f.IntN(seq)%20+1)
	return fmt.Sprintf("a row put in at %d", seq)
}

// TestEveryEditOfTheHistoryIsFound edits, deletes, swaps and inserts rows at
// random, past the triggers. DUBAN_EDITS sets how often (2000).
func TestEveryEditOfTheHistoryIsFound(t *testing.T) {
	o := withHistory(t)
	head, rows, err := o.VerifyChain(bg)
	if err != nil || rows != 20 {
		t.Fatal(rows, err)
	}
	raw := o.raw()
	raw.MustExec(`PRAGMA synchronous = OFF; DROP TRIGGER history_no_update; DROP TRIGGER history_no_delete;
		CREATE TEMP TABLE sound AS SELECT ` + columns + ` FROM history`)
	seed := uint64(time.Now().UnixNano())
	f := &forger{Rand: rand.New(rand.NewPCG(seed, 2)), t: t, raw: raw}
	kinds := []func(int) string{f.text, f.number, f.deletion, f.swap, f.insertion}
	edits := many(t, "DUBAN_EDITS", 2000)
	for range edits {
		what := kinds[f.IntN(len(kinds))](1 + f.IntN(20))
		if _, _, err := o.VerifyChain(bg); err == nil {
			t.Errorf("seed %d: %s, and nothing is found", seed, what)
		}
		raw.MustExec(`DELETE FROM history; INSERT INTO history (` + columns + `) SELECT ` + columns + ` FROM sound`)
	}
	if again, n, err := o.VerifyChain(bg); err != nil || again != head || n != rows {
		t.Errorf("put back as it was: %v", err)
	}
	if found, err := o.Contains(bg, head, rows); err != nil || !found {
		t.Errorf("the head: %t, %v", found, err)
	}
	for cut := int64(19); cut >= 0; cut-- {
		raw.MustExec(`DELETE FROM history WHERE seq > ?`, cut)
		_, _, err := o.VerifyChain(bg)
		found, err2 := o.Contains(bg, head, 0)
		if err != nil || err2 != nil || found {
			t.Errorf("cut after row %d: %v, %v, the head is there: %t", cut, err, err2, found)
		}
	}
	t.Logf("%d edits and 20 cuts, all found", edits)
}
