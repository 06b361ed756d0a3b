package postbox

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const perPage = 50

// filter is what a list shows, as its address says it.
type filter struct {
	Person, Day, Month, Channel, Q string

	Old  bool // oldest first
	Page int  // from 1
}

// readFilter drops what makes no sense, so that a cut-off address still shows
// something.
func readFilter(v url.Values) filter {
	f := filter{Person: v.Get("person"), Q: strings.TrimSpace(v.Get("q")), Old: v.Get("order") == "old", Page: 1}
	if _, err := time.Parse(time.DateOnly, v.Get("day")); err == nil {
		f.Day = v.Get("day")
	}
	if _, err := time.Parse("2006-01", v.Get("month")); err == nil && f.Day == "" {
		f.Month = v.Get("month")
	}
	if c := v.Get("channel"); c == Mail || c == WeCom {
		f.Channel = c
	}
	if n, err := strconv.Atoi(v.Get("page")); err == nil && n > 1 && n < 1e6 {
		f.Page = n
	}
	return f
}

func (f filter) values() url.Values {
	v := url.Values{}
	for name, value := range map[string]string{
		"person": f.Person, "day": f.Day, "month": f.Month, "channel": f.Channel, "q": f.Q,
	} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if f.Old {
		v.Set("order", "old")
	}
	if f.Page > 1 {
		v.Set("page", strconv.Itoa(f.Page))
	}
	return v
}

func (f filter) where() (string, []any) {
	parts, args := []string{"1 = 1"}, []any{}
	add := func(cond string, values ...any) { parts, args = append(parts, cond), append(args, values...) }
	if f.Person != "" {
		add("m.receiver = ?", f.Person)
	}
	if f.Day != "" {
		add("m.day = ?", f.Day)
	}
	if f.Month != "" {
		add("m.day >= ? AND m.day <= ?", f.Month+"-01", f.Month+"-31")
	}
	if f.Channel != "" {
		add("m.channel = ?", f.Channel)
	}
	for _, word := range strings.Fields(f.Q) {
		like := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(word) + "%"
		add(`(m.subject LIKE ? ESCAPE '\' OR b.words LIKE ? ESCAPE '\')`, like, like)
	}
	return strings.Join(parts, " AND "), args
}

type row struct {
	ID                              int64
	Channel, Receiver, Subject, Day string
	Words, Sender, Key, MessageID   string
	At                              int64
	Raw                             []byte
}

const rowColumns = `m.id, m.channel, m.receiver, m.subject, m.day, m.sender, m.key, m.message_id AS messageid, m.at`

// list gives one page of messages and how many there are in all.
func (b *Box) list(ctx context.Context, f filter) (rows []row, total int, err error) {
	where, args := f.where()
	const from = ` FROM messages m JOIN bodies b ON b.message = m.id WHERE `
	if err = b.reader.GetContext(ctx, &total, `SELECT count(*)`+from+where, args...); err != nil {
		return nil, 0, fmt.Errorf("postbox: list: %w", err)
	}
	order := "m.at DESC, m.id DESC"
	if f.Old {
		order = "m.at, m.id"
	}
	args = append(args, perPage, (f.Page-1)*perPage)
	err = b.reader.SelectContext(ctx, &rows, `SELECT `+rowColumns+`, substr(b.words, 1, 200) AS words`+from+where+
		` ORDER BY `+order+` LIMIT ? OFFSET ?`, args...)
	if err != nil {
		return nil, 0, fmt.Errorf("postbox: list: %w", err)
	}
	return rows, total, nil
}

// message gives one message with its body; sql.ErrNoRows when there is none.
func (b *Box) message(ctx context.Context, id int64) (r row, notices []string, err error) {
	err = b.reader.GetContext(ctx, &r, `SELECT `+rowColumns+`, b.words, b.raw
		FROM messages m JOIN bodies b ON b.message = m.id WHERE m.id = ?`, id)
	if err == nil {
		err = b.reader.SelectContext(ctx, &notices, `SELECT notice FROM notices WHERE message = ? ORDER BY rowid`, id)
	}
	if err != nil {
		return r, nil, fmt.Errorf("postbox: message %d: %w", id, err)
	}
	return r, notices, nil
}

// around gives the receiver's messages before and after, 0 for none, and how
// often this delivery reached the receiver.
func (b *Box) around(ctx context.Context, r row) (before, after int64, copies int, err error) {
	err = b.reader.QueryRowxContext(ctx, `SELECT
		coalesce((SELECT id FROM messages WHERE receiver = ? AND (at, id) < (?, ?) ORDER BY at DESC, id DESC LIMIT 1), 0),
		coalesce((SELECT id FROM messages WHERE receiver = ? AND (at, id) > (?, ?) ORDER BY at, id LIMIT 1), 0),
		(SELECT count(*) FROM messages WHERE receiver = ? AND key = ? AND key <> '')`,
		r.Receiver, r.At, r.ID, r.Receiver, r.At, r.ID, r.Receiver, r.Key).Scan(&before, &after, &copies)
	if err != nil {
		return 0, 0, 0, fmt.Errorf("postbox: message %d: %w", r.ID, err)
	}
	return before, after, copies, nil
}

type receiver struct {
	Receiver, Channel, Subject string

	N, At, ID int64
}

// receivers counts what each has got by channel, with the last message.
func (b *Box) receivers(ctx context.Context) (all []receiver, err error) {
	err = b.reader.SelectContext(ctx, &all, `SELECT g.receiver, g.channel, g.n, m.id, m.subject, m.at
		FROM (SELECT receiver, channel, count(*) AS n FROM messages GROUP BY receiver, channel) g
		JOIN messages m ON m.id = (SELECT id FROM messages l WHERE l.receiver = g.receiver AND l.channel = g.channel
			ORDER BY at DESC, id DESC LIMIT 1)
		ORDER BY g.n DESC, g.receiver`)
	if err != nil {
		return nil, fmt.Errorf("postbox: receivers: %w", err)
	}
	return all, nil
}

type dayCount struct {
	Day string
	N   int
}

func (b *Box) days(ctx context.Context) (all []dayCount, err error) {
	if err = b.reader.SelectContext(ctx, &all, `SELECT day, count(*) AS n FROM messages GROUP BY day ORDER BY day`); err != nil {
		return nil, fmt.Errorf("postbox: days: %w", err)
	}
	return all, nil
}
