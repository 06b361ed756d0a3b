package postbox

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"sync"
)

// Step is where in a conversation a fault strikes.
type Step string

// The steps, in the order of a conversation. Each mail connection meets Banner
// once and Hello once (and again after STARTTLS).
const (
	StepBanner Step = "banner"
	StepHello  Step = "ehlo"
	StepTLS    Step = "starttls" // any fault here: STARTTLS is not offered
	StepAuth   Step = "auth"
	StepMail   Step = "mail"
	StepRcpt   Step = "rcpt"
	StepData   Step = "data" // instead of 354; strikes on clear connections only
	StepDot    Step = "dot"  // after the final dot
	StepRobot  Step = "robot"
)

// Action is what a fault does.
type Action string

// The actions. HTML and Warn are the robots' own.
const (
	Reply Action = "reply" // answer Code and Text
	Drop  Action = "drop"  // close the connection without an answer
	Hang  Action = "hang"  // say nothing until the other side goes away
	HTML  Action = "html"  // a proxy's 502 page instead of JSON
	Warn  Action = "warn"  // errcode 0 with " Warning: wrong json format. ", and nothing is delivered
)

// Fault is one scripted failure.
type Fault struct {
	Step Step
	Do   Action
	Code int    // of Reply: an SMTP code or an errcode
	Text string // of Reply; "" the server's own words
	Keep bool   // at Dot and Robot: the message is kept first, so the sender cannot know
}

// Faults is a script of failures: a queue for every step. The zero script lets
// everything pass.
type Faults struct {
	lock   sync.Mutex
	queues map[Step][]Fault
}

func newFaults() *Faults { return &Faults{queues: map[Step][]Fault{}} }

// Next makes the next n passages of the fault's step fail, after those
// scripted before.
func (f *Faults) Next(n int, fault Fault) {
	if fault.Text == "" {
		fault.Text = "scripted fault"
	}
	f.lock.Lock()
	defer f.lock.Unlock()
	for range n {
		f.queues[fault.Step] = append(f.queues[fault.Step], fault)
	}
}

// Left counts the faults that have not struck yet.
func (f *Faults) Left() (n int) {
	f.lock.Lock()
	defer f.lock.Unlock()
	for _, q := range f.queues {
		n += len(q)
	}
	return n
}

// Clear drops the script.
func (f *Faults) Clear() {
	f.lock.Lock()
	defer f.lock.Unlock()
	clear(f.queues)
}

func (f *Faults) take(step Step) (Fault, bool) {
	f.lock.Lock()
	defer f.lock.Unlock()
	q := f.queues[step]
	if len(q) == 0 {
		return Fault{}, false
	}
	f.queues[step] = q[1:]
	return q[0], true
}

// untilGone holds a connection without a word until either side closes it.
func untilGone(c net.Conn) {
	io.Copy(io.Discard, c)
	c.Close()
}

type listener struct {
	net.Listener
	faults *Faults
}

// Accept wraps a connection so that faults can strike where the mail library
// asks nobody: at the banner, in the list of extensions, and at DATA.
func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	_, plain := l.faults.take(StepTLS)
	return &conn{Conn: c, faults: l.faults, plain: plain}, nil
}

// conn is used by the one goroutine of its conversation.
type conn struct {
	net.Conn
	faults  *Faults
	greeted bool
	plain   bool   // STARTTLS is left out
	mute    bool   // DATA was refused: the answer to the made-up mail is not sent
	made    []byte // input made up for the server
}

// Write sees one whole reply line at a time, in the clear or as TLS records,
// which begin with no digit.
func (c *conn) Write(p []byte) (int, error) {
	switch {
	case !c.greeted:
		c.greeted = true
		return c.at(StepBanner, p)
	case c.mute:
		c.mute = false
		return len(p), nil
	case c.plain && bytes.HasPrefix(p, []byte("250-STARTTLS")):
		return len(p), nil
	case bytes.HasPrefix(p, []byte("354 ")):
		return c.at(StepData, p)
	}
	return c.Conn.Write(p)
}

func (c *conn) at(step Step, p []byte) (int, error) {
	f, ok := c.faults.take(step)
	switch {
	case !ok:
		return c.Conn.Write(p)
	case f.Do == Hang:
		untilGone(c.Conn)
		return 0, net.ErrClosed
	case f.Do == Drop:
		c.Conn.Close()
		return 0, net.ErrClosed
	}
	if _, err := fmt.Fprintf(c.Conn, "%d %d.0.0 %s\r\n", f.Code, f.Code/100, f.Text); err != nil {
		return 0, err
	}
	if step == StepBanner {
		c.Conn.Close()
		return 0, net.ErrClosed
	}
	// The server now waits for a mail that will not come: hand it an empty one.
	c.mute, c.made = true, []byte(".\r\n")
	return len(p), nil
}

// Read gives made-up input first.
func (c *conn) Read(p []byte) (int, error) {
	if len(c.made) > 0 {
		n := copy(p, c.made)
		c.made = c.made[n:]
		return n, nil
	}
	return c.Conn.Read(p)
}
