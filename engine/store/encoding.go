package store

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"duban/engine"
)

// The columns after and effects of the history are the JSON of engine.Course and
// []engine.Effect with every time as milliseconds since 1970, as in the columns
// beside them, and every timer as one text: they are written with every step, and
// it is their length that a step costs.

// course is engine.Course as it is stored: a field declared here stands for the
// one of the same name in the embedded struct.
type course struct {
	*engine.Course
	Entered  millis   `json:"entered,omitzero"`
	Opened   millis   `json:"opened,omitzero"`
	Closed   millis   `json:"closed,omitzero"`
	Stopped  millis   `json:"stopped,omitzero"`
	Reported millis   `json:"reported,omitzero"`
	Signed   millis   `json:"signed,omitzero"`
	Handed   millis   `json:"handed,omitzero"`
	Phoned   millis   `json:"phoned,omitzero"`
	Urged    millis   `json:"urged,omitzero"`
	Timers   []string `json:"timers,omitempty"`
}

// armed writes a timer as its name, its time and, when not 0, its repeat.
func armed(t engine.Armed) string {
	b := make([]byte, 0, 40)
	b = append(append(b, t.Name...), ' ')
	b = strconv.AppendInt(b, ms(t.At), 10)
	if t.N != 0 {
		b = strconv.AppendInt(append(b, ' '), int64(t.N), 10)
	}
	return string(b)
}

func parseArmed(s string) (t engine.Armed, err error) {
	f := strings.Fields(s)
	if len(f) == 2 {
		f = append(f, "0")
	}
	if len(f) != 3 {
		return t, fmt.Errorf("%q is no timer", s)
	}
	at, err1 := strconv.ParseInt(f[1], 10, 64)
	n, err2 := strconv.Atoi(f[2])
	return engine.Armed{Name: f[0], At: millis(at).time(), N: n}, errors.Join(err1, err2)
}

type effect struct {
	*engine.Effect
	At    millis `json:"at,omitzero"`
	Ready millis `json:"ready,omitzero"` // left out where it is At
}

// millis is an instant in milliseconds since 1970, UTC; 0 is none.
type millis int64

func (m millis) time() time.Time {
	if m == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(m)).UTC()
}

// EncodeCourse is the column after.
func EncodeCourse(c *engine.Course) ([]byte, error) {
	r := course{Course: c, Entered: millis(ms(c.Entered)), Opened: millis(ms(c.Opened)), Closed: millis(ms(c.Closed)), Stopped: millis(ms(c.Stopped)),
		Reported: millis(ms(c.Reported)), Signed: millis(ms(c.Signed)), Handed: millis(ms(c.Handed)), Phoned: millis(ms(c.Phoned)), Urged: millis(ms(c.Urged)),
		Timers: make([]string, len(c.Timers))}
	for i, t := range c.Timers {
		r.Timers[i] = armed(t)
	}
	return json.Marshal(&r)
}

// EncodeEffects is the column effects.
func EncodeEffects(effects []engine.Effect) ([]byte, error) {
	if len(effects) == 0 {
		return []byte("[]"), nil
	}
	rows := make([]effect, len(effects))
	for i := range effects {
		e := &effects[i]
		rows[i] = effect{Effect: e, At: millis(ms(e.At))}
		if !e.Ready.Equal(e.At) {
			rows[i].Ready = millis(ms(e.Ready))
		}
	}
	return json.Marshal(rows)
}

func decodeCourse(b []byte) (c engine.Course, err error) {
	r := course{Course: &c}
	if err := json.Unmarshal(b, &r); err != nil {
		return c, err
	}
	c.Entered, c.Opened, c.Closed, c.Stopped, c.Reported = r.Entered.time(), r.Opened.time(), r.Closed.time(), r.Stopped.time(), r.Reported.time()
	c.Signed, c.Handed, c.Phoned, c.Urged = r.Signed.time(), r.Handed.time(), r.Phoned.time(), r.Urged.time()
	for _, s := range r.Timers {
		t, err := parseArmed(s)
		if err != nil {
			return c, err
		}
		c.Timers = append(c.Timers, t)
	}
	return c, nil
}

// DecodeEffects reads the column effects.
func DecodeEffects(b []byte) ([]engine.Effect, error) {
	var rows []effect
	err := json.Unmarshal(b, &rows)
	out := make([]engine.Effect, len(rows))
	for i, r := range rows {
		out[i] = *r.Effect
		out[i].At, out[i].Ready = r.At.time(), cmp.Or(r.Ready, r.At).time()
	}
	return out, err
}
