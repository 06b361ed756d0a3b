package postbox

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	_ "modernc.org/sqlite" // the driver
)

// Bodies stand apart so that counting and listing never read them.
const schema = `
CREATE TABLE IF NOT EXISTS messages (
  id         INTEGER PRIMARY KEY,
  channel    TEXT NOT NULL,
  key        TEXT NOT NULL,
  message_id TEXT NOT NULL,
  sender     TEXT NOT NULL,
  receiver   TEXT NOT NULL,
  robot      TEXT NOT NULL,
  subject    TEXT NOT NULL,
  at         INTEGER NOT NULL,
  day        TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS messages_receiver ON messages (receiver, at, id);
CREATE INDEX IF NOT EXISTS messages_at ON messages (at, id);
CREATE INDEX IF NOT EXISTS messages_day ON messages (day, at, id);
CREATE INDEX IF NOT EXISTS messages_robot ON messages (robot, at) WHERE robot <> '';
CREATE TABLE IF NOT EXISTS bodies (message INTEGER PRIMARY KEY, raw BLOB NOT NULL, words TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS notices (message INTEGER NOT NULL, notice TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS notices_message ON notices (message);
CREATE TABLE IF NOT EXISTS violations (robot TEXT NOT NULL, at INTEGER NOT NULL);
`

// piece is one message for one receiver, before it is kept.
type piece struct {
	channel, key, messageID, sender, receiver, robot, subject, words string

	notices []string
	raw     []byte
	at      time.Time
}

// Arrival is one message that arrived. To is a mail address or a robot's name.
type Arrival struct {
	Key     string // delivery key
	Channel string
	To      string
	At      time.Time
}

// dsn waives synchronous writes: a commit survives kill -9 because the
// kernel has it, and only a power cut could lose it, which no check of this
// box is about. In return it takes thousands of messages a second.
func dsn(file string) string {
	const pragmas = "_pragma=busy_timeout(5000)&_pragma=synchronous(OFF)&_txlock=immediate"
	if file == "" {
		return "file::memory:?" + pragmas
	}
	path := strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(file)
	return "file:" + path + "?_pragma=journal_mode(WAL)&" + pragmas
}

func (b *Box) openStore() (err error) {
	sqlx.BindDriver("sqlite", sqlx.QUESTION)
	defer func() {
		if err != nil {
			b.closeStore()
		}
	}()
	if b.db, err = sqlx.Open("sqlite", dsn(b.o.File)); err != nil {
		return err
	}
	b.db.SetMaxOpenConns(1) // one writer; in memory a second connection would see another box
	if _, err = b.db.Exec(schema); err != nil {
		return err
	}
	for i, q := range []string{
		`INSERT INTO messages (channel, key, message_id, sender, receiver, robot, subject, at, day) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		`INSERT INTO bodies (message, raw, words) VALUES (?, ?, ?)`,
		`INSERT INTO notices (message, notice) VALUES (?, ?)`,
	} {
		if b.insert[i], err = b.db.Preparex(q); err != nil {
			return err
		}
	}
	b.reader = b.db
	if b.o.File == "" {
		return nil
	}
	b.reader, err = sqlx.Open("sqlite", dsn(b.o.File)+"&_pragma=query_only(1)")
	return err
}

func (b *Box) closeStore() error {
	for _, s := range b.insert {
		if s != nil {
			s.Close()
		}
	}
	if b.reader != nil && b.reader != b.db {
		if err := b.reader.Close(); err != nil {
			return err
		}
	}
	if b.db == nil {
		return nil
	}
	return b.db.Close()
}

// keep commits pieces together: a mail to two people is kept for both or for
// neither.
func (b *Box) keep(pieces ...piece) error {
	tx, err := b.db.Beginx()
	if err != nil {
		return fmt.Errorf("postbox: keep: %w", err)
	}
	defer tx.Rollback()
	for _, p := range pieces {
		if err := b.insertPiece(tx, p); err != nil {
			return fmt.Errorf("postbox: keep: %w", err)
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("postbox: keep: %w", err)
	}
	return nil
}

func (b *Box) insertPiece(tx *sqlx.Tx, p piece) error {
	res, err := tx.Stmtx(b.insert[0]).Exec(p.channel, p.key, p.messageID, p.sender, p.receiver, p.robot,
		p.subject, p.at.UnixMicro(), p.at.In(b.o.Zone).Format(time.DateOnly))
	if err != nil {
		return err
	}
	id, err := res.LastInsertId()
	if err != nil {
		return err
	}
	if _, err := tx.Stmtx(b.insert[1]).Exec(id, p.raw, p.words); err != nil {
		return err
	}
	for _, n := range p.notices {
		if _, err := tx.Stmtx(b.insert[2]).Exec(id, n); err != nil {
			return err
		}
	}
	return nil
}

// recent counts the posts kept for a robot in the window that ends at now,
// which makes the window survive a restart.
func (b *Box) recent(robot string, now time.Time) (n int, err error) {
	err = b.db.Get(&n, `SELECT count(*) FROM messages WHERE robot = ? AND robot <> '' AND at > ? AND at <= ?`,
		robot, now.Add(-time.Minute).UnixMicro(), now.UnixMicro())
	if err != nil {
		return 0, fmt.Errorf("postbox: window: %w", err)
	}
	return n, nil
}

func (b *Box) violated(robot string, now time.Time) error {
	if _, err := b.db.Exec(`INSERT INTO violations (robot, at) VALUES (?, ?)`, robot, now.UnixMicro()); err != nil {
		return fmt.Errorf("postbox: violation: %w", err)
	}
	return nil
}

// Received counts the kept messages. A mail to two people counts as two.
func (b *Box) Received(ctx context.Context) (mail, wecom int, err error) {
	var n struct{ Mail, Wecom int }
	err = b.reader.GetContext(ctx, &n, `SELECT coalesce(sum(channel = 'mail'), 0) AS mail,
		coalesce(sum(channel = 'wecom'), 0) AS wecom FROM messages`)
	if err != nil {
		return 0, 0, fmt.Errorf("postbox: received: %w", err)
	}
	return n.Mail, n.Wecom, nil
}

// Violations counts the posts of all robots that came beyond RobotRate in a
// minute and were answered 45009. Scripted faults do not count.
func (b *Box) Violations(ctx context.Context) (n int, err error) {
	if err = b.reader.GetContext(ctx, &n, `SELECT count(*) FROM violations`); err != nil {
		return 0, fmt.Errorf("postbox: violations: %w", err)
	}
	return n, nil
}

// NoticeKey is the key of Notices: the notice id, a blank, the receiver.
func NoticeKey(notice, receiver string) string { return notice + " " + receiver }

// Notices gives, for every notice id and receiver joined by NoticeKey, when it
// arrived, in order. More than one arrival is a double. Channel is Mail, WeCom
// or "" for both.
func (b *Box) Notices(ctx context.Context, channel string) (map[string][]Arrival, error) {
	var rows []struct {
		Notice, Key, Channel, Receiver string

		At int64
	}
	err := b.reader.SelectContext(ctx, &rows, `SELECT n.notice, m.key, m.channel, m.receiver, m.at
		FROM notices n JOIN messages m ON m.id = n.message
		WHERE ? = '' OR m.channel = ? ORDER BY m.at, m.id`, channel, channel)
	if err != nil {
		return nil, fmt.Errorf("postbox: notices: %w", err)
	}
	all := make(map[string][]Arrival, len(rows))
	for _, r := range rows {
		k := NoticeKey(r.Notice, r.Receiver)
		all[k] = append(all[k], Arrival{Key: r.Key, Channel: r.Channel, To: r.Receiver, At: b.time(r.At)})
	}
	return all, nil
}

func (b *Box) time(micro int64) time.Time { return time.UnixMicro(micro).In(b.o.Zone) }
