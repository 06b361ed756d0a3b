package store_test

import (
	"fmt"
	"strings"
	"testing"

	"duban/engine/store"
)

// withHistory is an office in which a few things happened.
func withHistory(t *testing.T) *office {
	o := newOffice(t)
	for i := range 4 {
		in := o.begin(fmt.Sprint(i))
		for range 4 {
			in = o.report(in, "张三", notice("returned", "lead.head", o.now))
		}
	}
	o.write(func(tx *store.Tx) error {
		return tx.Record(store.Outcome{Key: "d", State: "sent", Class: "accepted"})
	})
	return o
}

func TestHistoryAndLedgerOnlyGrow(t *testing.T) {
	o := withHistory(t)
	for _, q := range []string{
		`UPDATE history SET state = 'closed' WHERE seq = 3`, `DELETE FROM history WHERE seq = 20`, `DELETE FROM history`,
		`UPDATE ledger SET class = 'permanent'`, `DELETE FROM ledger`,
	} {
		if _, err := o.raw().Exec(q); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", q, err)
		}
	}
	if _, n, err := o.VerifyChain(bg); err != nil || n != 20 {
		t.Errorf("%d rows: %v", n, err)
	}
}

func TestAnEmptyChainIsSound(t *testing.T) {
	if head, n, err := newOffice(t).VerifyChain(bg); head != "" || n != 0 || err != nil {
		t.Errorf("%q, %d, %v", head, n, err)
	}
}

// Whoever has the file and drops the triggers can change a row, but the chain
// says which was the first.
func TestAForgedRowIsFound(t *testing.T) {
	forgeries := map[string]struct {
		sql   string
		first int
	}{
		"another event":      {`UPDATE history SET event = replace(event, '张三', '李四') WHERE seq = 7`, 7},
		"another state":      {`UPDATE history SET state = 'closed' WHERE seq = 20`, 20},
		"other effects":      {`UPDATE history SET effects = '[]' WHERE seq = 2`, 2},
		"another instant":    {`UPDATE history SET at = at - 86400000 WHERE seq = 9`, 9},
		"another instance":   {`UPDATE history SET instance_id = 99 WHERE seq = 9`, 9},
		"another row before": {`UPDATE history SET prev = 1 WHERE seq = 9`, 9},
		"another outcome":    {`UPDATE history SET after = '{}' WHERE seq = 9`, 9},
		"another version":    {`UPDATE history SET version = 99 WHERE seq = 9`, 9},
		"another hash":       {`UPDATE history SET hash = replace(hash, 'a', 'b') WHERE seq = 4`, 4},
		"a row less":         {`DELETE FROM history WHERE seq = 11`, 11},
		"the first missing":  {`DELETE FROM history WHERE seq = 1`, 1},
		"a row moved up":     {`DELETE FROM history WHERE seq = 5; UPDATE history SET seq = 5 WHERE seq = 20`, 5},
		"two rows swapped":   {`UPDATE history SET seq = -1 WHERE seq = 3; UPDATE history SET seq = 3 WHERE seq = 8; UPDATE history SET seq = 8 WHERE seq = -1`, 3},
		"a row put in":       {`INSERT INTO history VALUES (21, 1, 77, 0, 0, '{}', 'closed', '[]', '{}', 'no hash')`, 21},
		"a row put before":   {`INSERT INTO history VALUES (0, 1, 77, 0, 0, '{}', 'closed', '[]', '{}', 'no hash')`, 0},
	}
	for name, f := range forgeries {
		t.Run(name, func(t *testing.T) {
			o := withHistory(t)
			raw := o.raw()
			raw.MustExec(`DROP TRIGGER history_no_update; DROP TRIGGER history_no_delete`)
			raw.MustExec(f.sql)
			_, _, err := o.VerifyChain(bg)
			if err == nil || !strings.Contains(err.Error(), fmt.Sprintf(" row %d ", f.first)) && f.first > 0 {
				t.Errorf("got %v, want row %d", err, f.first)
			}
		})
	}
}
