package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"duban/engine"
)

// Again stands in the why of a notice that has probably gone before: the file
// was restored from a backup, and the notice was due before that.
const Again = "补发"

// restoredMeta names the instant of the last restore.
const restoredMeta = "restored"

// SetRestored writes down that this file is a backup put back at Now: what was
// due before has probably been sent by the file whose place it takes.
func (tx *Tx) SetRestored() error {
	return tx.SetMeta(restoredMeta, strconv.FormatInt(ms(tx.Now), 10))
}

// Restored is when this file was put back from a backup, or the zero time.
func (db *DB) Restored() time.Time { return fromMS(db.restored) }

func (db *DB) readRestored(ctx context.Context) error {
	var v string
	err := db.w.GetContext(ctx, &v, `SELECT value FROM meta WHERE name = ?`, restoredMeta)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil {
		db.restored, err = strconv.ParseInt(v, 10, 64)
	}
	if err != nil {
		return fmt.Errorf("read when it was restored: %w", err)
	}
	return nil
}

// Because says why the steps that follow in this transaction are taken: for
// something that was due at that time. Notices of what was due before a restore
// are marked Again.
func (tx *Tx) Because(due time.Time) { tx.again = ms(due) < tx.db.restored }

// noteAgain remembers the notices of a step to be marked.
func (tx *Tx) noteAgain(in *engine.Instance, effects []engine.Effect) {
	for i := range effects {
		if effects[i].Kind == engine.EffectNotice {
			tx.marks = append(tx.marks, NoticeID(in.ID, in.Version, i))
		}
	}
}

// markAgain marks them, once their rows are written: the last ones of the outbox.
func (tx *Tx) markAgain() error {
	for chunk := range slices.Chunk(tx.marks, 500) {
		args := []any{Again, noticeSum("", "", Again), tx.db.heads.notice}
		for _, id := range chunk {
			args = append(args, id)
		}
		_, err := tx.exec(`UPDATE outbox SET why = ?, sum = ? + ready WHERE n > ? AND sum = 0 AND id IN (?`+strings.Repeat(",?", len(chunk)-1)+`)`, args...)
		if err != nil {
			return fmt.Errorf("store: mark notices: %w", err)
		}
	}
	return nil
}
