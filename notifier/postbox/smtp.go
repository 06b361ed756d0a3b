package postbox

import (
	"crypto/tls"
	"io"
	"net"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// session is one mail conversation. It is used by one goroutine.
type session struct {
	box    *Box
	conn   *smtp.Conn
	authed bool
	from   string
	to     []string
}

func (b *Box) newSession(c *smtp.Conn) (smtp.Session, error) {
	s := &session{box: b, conn: c}
	if err := s.fail(StepHello); err != nil {
		return nil, err
	}
	return s, nil
}

// fail plays the fault scripted for a step, if there is one.
func (s *session) fail(step Step) error {
	f, ok := s.box.faults.take(step)
	if !ok {
		return nil
	}
	return s.play(f)
}

// play always ends in an error: the answer itself, or one nobody will read
// because the connection is gone.
func (s *session) play(f Fault) error {
	switch f.Do {
	case Drop:
		s.conn.Conn().Close()
	case Hang:
		untilGone(s.conn.Conn())
	}
	return &smtp.SMTPError{Code: f.Code, EnhancedCode: smtp.EnhancedCode{f.Code / 100, 0, 0}, Message: f.Text}
}

// AuthMechanisms offers nothing to an open house.
func (s *session) AuthMechanisms() []string {
	if s.box.o.User == "" {
		return nil
	}
	return []string{sasl.Plain, sasl.Login}
}

// Auth begins PLAIN or LOGIN.
func (s *session) Auth(mech string) (sasl.Server, error) {
	if err := s.fail(StepAuth); err != nil {
		return nil, err
	}
	switch mech {
	case sasl.Plain:
		return sasl.NewPlainServer(func(_, user, password string) error { return s.check(user, password) }), nil
	case sasl.Login:
		return &login{check: s.check}, nil
	}
	return nil, smtp.ErrAuthUnknownMechanism
}

func (s *session) check(user, password string) error {
	if user == "" || user != s.box.o.User || password != s.box.o.Password {
		return smtp.ErrAuthFailed
	}
	s.authed = true
	return nil
}

// login is the server's side of AUTH LOGIN, which go-sasl has for clients only.
type login struct {
	check func(user, password string) error
	user  *string
}

// Next asks for the name, then for the password.
func (l *login) Next(response []byte) (challenge []byte, done bool, err error) {
	switch {
	case response == nil && l.user == nil:
		return []byte("Username:"), false, nil
	case l.user == nil:
		user := string(response)
		l.user = &user
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(*l.user, string(response))
}

// Mail begins a transaction.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if err := s.fail(StepMail); err != nil {
		return err
	}
	if s.box.o.User != "" && !s.authed {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
	}
	s.from, s.to = from, nil
	return nil
}

// Rcpt adds a receiver.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := s.fail(StepRcpt); err != nil {
		return err
	}
	s.to = append(s.to, to)
	return nil
}

// Data reads the mail and commits it. Only a nil return is answered 250.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if refusedData(s.conn.Conn()) {
		return nil
	}
	f, faulty := s.box.faults.take(StepDot)
	if !faulty || f.Keep {
		if err := s.box.keepMail(s.from, s.to, raw); err != nil {
			return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: err.Error()}
		}
	}
	if faulty {
		return s.play(f)
	}
	return nil
}

// Reset forgets the transaction.
func (s *session) Reset() { s.from, s.to = "", nil }

// Logout ends the conversation.
func (s *session) Logout() error { return nil }

func (b *Box) keepMail(from string, to []string, raw []byte) error {
	l := readLetter(raw)
	p := piece{channel: Mail, key: l.delivery, messageID: l.messageID, sender: l.from, subject: l.subject,
		words: l.words(), notices: l.notices, raw: raw, at: b.o.Now()}
	if p.key == "" {
		p.key = l.messageID
	}
	if p.sender == "" {
		p.sender = from
	}
	pieces := make([]piece, 0, len(to))
	for _, address := range to {
		p.receiver = address
		pieces = append(pieces, p)
	}
	return b.keep(pieces...)
}

// refusedData says that the client was told no at DATA, so that the mail the
// server believes to have read is the empty one the connection made up.
func refusedData(c net.Conn) bool {
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	fc, ok := c.(*conn)
	return ok && fc.mute
}
