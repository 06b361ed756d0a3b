package mail

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxReply bounds what a server may say in answer to one command, in bytes.
const maxReply = 64 << 10

// guard is the connection to the server with a deadline on every read and
// write. It is closed when the attempt's context ends. After the first error
// it answers every call with that error at once.
type guard struct {
	net.Conn
	ctx  context.Context // of the attempt under way: a kept connection sees several
	step time.Duration
	stop func() bool
	err  error

	banner []byte // the first bytes that came
}

// bind puts the connection under ctx until release.
func (g *guard) bind(ctx context.Context, step time.Duration) {
	g.ctx, g.step = ctx, step
	g.stop = context.AfterFunc(ctx, func() { _ = g.Conn.Close() })
}

// release frees the connection from its context; false when that had ended.
func (g *guard) release() bool { return g.stop() }

// deadline is one step from now, or the end of the context if that is earlier.
func (g *guard) deadline() time.Time {
	ctx, cancel := context.WithTimeout(g.ctx, g.step)
	defer cancel()
	at, _ := ctx.Deadline()
	return at
}

// Read reads within one step.
func (g *guard) Read(p []byte) (int, error) {
	if g.err != nil {
		return 0, g.err
	}
	if err := g.Conn.SetReadDeadline(g.deadline()); err != nil {
		return 0, g.fail(err)
	}
	n, err := g.Conn.Read(p)
	if g.banner == nil {
		g.banner = slices.Clone(p[:n])
	}
	return n, g.fail(err)
}

// Write writes within one step.
func (g *guard) Write(p []byte) (int, error) {
	if g.err != nil {
		return 0, g.err
	}
	if err := g.Conn.SetWriteDeadline(g.deadline()); err != nil {
		return 0, g.fail(err)
	}
	n, err := g.Conn.Write(p)
	return n, g.fail(err)
}

func (g *guard) fail(err error) error {
	if err == nil {
		return nil
	}
	if g.ctx.Err() != nil {
		err = context.Cause(g.ctx) // "use of closed connection" would hide why
	}
	g.err = err
	return err
}

// phase is how far the conversation has come, told by what was written.
type phase int

const (
	greeting   phase = iota // before MAIL
	mailing                 // MAIL written
	addressing              // RCPT written, so MAIL was accepted
	opening                 // DATA written
	writing                 // the letter is on its way
	dotted                  // the final dot was written whole: the server may have the letter
)

// tap sits between the library and the (encrypted) connection and listens: it
// knows the phase and the server's last answer.
type tap struct {
	net.Conn
	head  []byte // handed out before the server's own bytes
	heard []byte // since the last write
	at    phase
	tail  []byte // the last bytes of the letter so far
	err   error  // the first failure to read or write
}

var (
	finalDot     = []byte("\r\n.\r\n")
	errLongReply = errors.New("the server's answer does not end")
	errOddReply  = errors.New("the server's answer has no code")
)

// Read listens to the server.
func (t *tap) Read(p []byte) (int, error) {
	if len(t.head) > 0 {
		n := copy(p, t.head)
		t.head = t.head[n:]
		return n, nil
	}
	if len(t.heard) > maxReply {
		return 0, t.fail(errLongReply)
	}
	n, err := t.Conn.Read(p)
	t.heard = append(t.heard, p[:n]...)
	return n, t.fail(err)
}

// Write follows the commands. The final dot counts only when all of it was
// written.
func (t *tap) Write(p []byte) (int, error) {
	if bytes.HasPrefix(p, []byte("HELO ")) && t.said("4") {
		return 0, t.fail(t.refusal())
	}
	t.heard = t.heard[:0]
	t.follow(p)
	if t.at == mailing {
		return t.writeMail(p)
	}
	n, err := t.Conn.Write(p)
	if t.at == writing {
		t.watch(p[:n])
	}
	return n, t.fail(err)
}

func (t *tap) fail(err error) error {
	if t.err == nil {
		t.err = err
	}
	return err
}

func (t *tap) follow(p []byte) {
	switch {
	case t.at == writing:
	case t.at == opening:
		t.at = writing
	case bytes.HasPrefix(p, []byte("RSET\r\n")):
		t.at = greeting
	case bytes.HasPrefix(p, []byte("MAIL FROM:")):
		t.at = mailing
	case bytes.HasPrefix(p, []byte("RCPT TO:")):
		t.at = addressing
	case bytes.HasPrefix(p, []byte("DATA\r\n")):
		t.at = opening
	}
}

// writeMail leaves out SMTPUTF8, which the library asks for wherever it is
// offered: our envelope and headers are ASCII, and a relay further on without
// the extension would have to bounce the letter.
func (t *tap) writeMail(p []byte) (int, error) {
	n, err := t.Conn.Write(bytes.Replace(p, []byte(" SMTPUTF8"), nil, 1))
	if err != nil {
		return min(n, len(p)), t.fail(err)
	}
	return len(p), nil
}

func (t *tap) watch(p []byte) {
	t.tail = append(t.tail, p[max(0, len(p)-len(finalDot)):]...)
	t.tail = t.tail[max(0, len(t.tail)-len(finalDot)):]
	if bytes.Equal(t.tail, finalDot) {
		t.at = dotted
	}
}

// said reports whether the server's last answer has this code.
func (t *tap) said(code string) bool { return bytes.HasPrefix(t.heard, []byte(code)) }

// refusal is the server's last answer as an error. The library takes any answer
// to EHLO but 250 for a server that knows only HELO, and goes on without AUTH;
// one that is busy would then seem to offer no log-in.
func (t *tap) refusal() error {
	code, words := t.reply()
	n, err := strconv.Atoi(code)
	if err != nil {
		return errOddReply
	}
	return &textproto.Error{Code: n, Msg: words}
}

// reply is the server's last answer, code and words.
func (t *tap) reply() (code, words string) {
	for line := range strings.Lines(string(t.heard)) {
		if len(line) >= 4 {
			code = line[:3]
			words += strings.TrimRight(line[4:], "\r\n") + " "
		}
	}
	return code, strings.TrimSpace(words)
}
