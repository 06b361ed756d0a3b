package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"duban/engine/store"
)

// withDraft is an office with an open draft, an alias, and a plan that was
// revised once.
func withDraft(t *testing.T) *office {
	t.Helper()
	o := newOffice(t)
	o.write(func(tx *store.Tx) error {
		_, err1 := tx.AddDraft(store.Draft{Plan: "002", Digest: "d1", File: "要点.docx", Title: "工作要点", Given: "issued", Body: `{"items":[]}`})
		_, err2 := tx.AddPlan(store.Plan{Key: "003", Digest: "one", Title: "方案", Issued: "2023-02-17", Body: `{"n":1}`})
		_, err3 := tx.RevisePlan("one", store.Plan{Key: "003", Digest: "two", Title: "新方案", Issued: "2023-02-20", Body: `{"n":2}`})
		return errors.Join(err1, err2, err3, tx.SetAlias(store.Alias{Printed: "宣传统战部", Unit: "党委宣传统战部", By: "zhao"}),
			tx.SetItem(store.Item{Plan: "003", No: "1", Heading: "甲", Status: "withdrawn", Why: "撤下"}))
	})
	return o
}

func (o *office) draft(id int64) store.Draft {
	o.t.Helper()
	d, err := o.Draft(bg, id)
	if err != nil {
		o.t.Fatal(err)
	}
	return d
}

func TestADraftIsKeptUntilItIsDone(t *testing.T) {
	o := withDraft(t)
	d := o.draft(1)
	if d.State != store.DraftOpen || d.Imported != o.now.UnixMilli() || d.Done != 0 || d.File != "要点.docx" {
		t.Errorf("%+v", d)
	}
	if err := o.Write(bg, o.now, func(tx *store.Tx) error { _, err := tx.AddDraft(store.Draft{Plan: "002"}); return err }); err == nil {
		t.Error("two open drafts of one plan")
	}
	seen := d
	d.Body = `{"items":[1]}`
	o.write(func(tx *store.Tx) error { return tx.SetDraft(d) })
	seen.State = store.DraftDiscarded
	err := o.Write(bg, o.now, func(tx *store.Tx) error { return tx.SetDraft(seen) })
	if !errors.Is(err, store.ErrDraftMoved) {
		t.Errorf("a draft was written over that somebody had changed: %v", err)
	}
	o.now = o.now.Add(time.Hour)
	d = o.draft(1)
	d.State, d.By = store.DraftConfirmed, "zhao"
	o.write(func(tx *store.Tx) error { return tx.SetDraft(d) })
	if d = o.draft(1); d.Done != o.now.UnixMilli() || d.Body != `{"items":[1]}` || d.By != "zhao" {
		t.Errorf("%+v", d)
	}
	o.write(func(tx *store.Tx) error { _, err := tx.AddDraft(store.Draft{Plan: "002", Body: "{}"}); return err })
	heads, err := o.DraftHeads(bg)
	if err != nil || len(heads) != 2 || heads[0].ID != 2 || heads[0].State != store.DraftOpen || heads[1].Body != "" {
		t.Errorf("%+v, %v", heads, err)
	}
	if _, err := o.Draft(bg, 3); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a draft that is not there: %v", err)
	}
	if faults := o.audit(); len(faults) > 0 {
		t.Errorf("%q", faults)
	}
}

func TestARevisedPlanKeepsItsVersions(t *testing.T) {
	o := withDraft(t)
	revise := func(was string, p store.Plan) (n int, err error) {
		err = o.Write(bg, o.now, func(tx *store.Tx) (err error) { n, err = tx.RevisePlan(was, p); return err })
		return n, err
	}
	if n, err := revise("two", store.Plan{Key: "003", Digest: "three", Body: "{}"}); n != 3 || err != nil {
		t.Errorf("version %d, %v", n, err)
	}
	if _, err := revise("two", store.Plan{Key: "003", Digest: "four"}); !errors.Is(err, store.ErrDraftMoved) {
		t.Errorf("a plan was revised that is another one by now: %v", err)
	}
	if _, err := revise("", store.Plan{Key: "009"}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a plan was revised that is not there: %v", err)
	}
	all, err := o.Versions(bg, "003")
	if err != nil || len(all) != 2 || all[0].Body != `{"n":1}` || all[1].Digest != "two" || all[1].Version != 2 {
		t.Errorf("%+v, %v", all, err)
	}
	for _, sql := range []string{`UPDATE plan_versions SET body = '{}'`, `DELETE FROM plan_versions`} {
		if _, err := o.raw().Exec(sql); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

// Every column of the new tables is looked at by the audit.
func TestAChangedByteOfADraftIsFound(t *testing.T) {
	for table, columns := range map[string]string{
		"drafts":        "plan_key digest file title given done_by body imported done sum",
		"aliases":       "printed unit said_by said sum",
		"plan_versions": "version digest title issued added replaced body sum",
	} {
		for column := range strings.FieldsSeq(columns) {
			o := withDraft(t)
			raw := o.raw()
			raw.MustExec(`DROP TRIGGER plan_versions_no_update`)
			set := column + ` = ` + column + ` || 'x'`
			switch column {
			case "imported", "done", "said", "version", "added", "replaced", "sum":
				set = column + ` = ` + column + ` + 1`
			}
			raw.MustExec(fmt.Sprintf(`UPDATE %s SET %s`, table, set))
			raw.MustExec(`CREATE TRIGGER plan_versions_no_update BEFORE UPDATE ON plan_versions BEGIN SELECT RAISE(ABORT, 'versions of a plan are append-only'); END`)
			if faults := o.audit(); len(faults) != 1 || !strings.Contains(faults[0], "is not what was written") {
				t.Errorf("%s of %s: %q", column, table, faults)
			}
		}
	}
}

// The items of a file of version 4 are those of version 5, and there is a way back.
func TestItemsOutliveTheMigration(t *testing.T) {
	o := withDraft(t)
	o.write(func(tx *store.Tx) error {
		return tx.SetItem(store.Item{Plan: "003", No: "2", Heading: "乙", Status: "waiting", Why: "待明确时限"})
	})
	if err := o.MigrateDown(bg, 4); err != nil {
		t.Fatal(err)
	}
	o.reopen()
	items, err := o.Items(bg)
	if err != nil || len(items) != 1 || items[0].Why != "待明确时限" { // version 4 knows nothing withdrawn
		t.Errorf("%+v, %v", items, err)
	}
	if faults := o.audit(); len(faults) > 0 {
		t.Errorf("%q", faults)
	}
}
