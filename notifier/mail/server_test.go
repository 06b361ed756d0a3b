package mail_test

import (
	"bufio"
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"duban/notifier"
	"duban/notifier/mail"
)

// The far side of these stories is an SMTP server that follows a script: for
// each step an answer to give instead of the usual one, or "close" or "stall".
// Steps: banner, ehlo, starttls, auth, mail, rcpt, data, dot, rset.
type server struct {
	script  map[string]string
	offers  []string // EHLO keywords
	tls     *tls.Config
	direct  bool                               // TLS from the first byte
	onReply func(conn int, step string) string // goes before the script when not ""

	mu       sync.Mutex
	log      record
	done     chan struct{}
	listener net.Listener
}

// record is what a server has seen.
type record struct {
	conns    int
	commands []string // as received, both clear and encrypted
	clear    []string // those received in clear
	letters  []string
}

// seen is the record so far.
func (s *server) seen() record {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.log
	r.commands, r.clear, r.letters = slices.Clone(r.commands), slices.Clone(r.clear), slices.Clone(r.letters)
	return r
}

var steps = map[string]string{
	"EHLO": "ehlo", "HELO": "ehlo", "STAR": "starttls", "AUTH": "auth", "MAIL": "mail", "RCPT": "rcpt",
	"DATA": "data", "RSET": "rset", "QUIT": "quit",
}

var usual = map[string]string{
	"banner": "220 mx.example.edu.cn ESMTP", "starttls": "220 go ahead", "auth": "235 2.7.0 welcome",
	"mail": "250 2.1.0 ok", "rcpt": "250 2.1.5 ok", "data": "354 end with a dot", "dot": "250 2.0.0 queued as 4Q1",
	"rset": "250 2.0.0 ok", "quit": "221 2.0.0 bye",
}

func (s *server) start(t *testing.T) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.listener, s.done = l, make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.log.conns++
			n := s.log.conns
			s.mu.Unlock()
			running.Go(func() { s.talk(conn, n) })
		}
	})
	t.Cleanup(func() { close(s.done); l.Close(); running.Wait() })
	return s
}

// talk serves one connection.
func (s *server) talk(conn net.Conn, n int) {
	defer func() { conn.Close() }()
	secure := s.direct
	if s.direct {
		conn = tls.Server(conn, s.tls)
	}
	in := bufio.NewReader(conn)
	if !s.reply(conn, n, "banner") {
		return
	}
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		s.note(line, secure)
		step := steps[line[:min(4, len(line))]]
		if !s.reply(conn, n, step) {
			return
		}
		switch {
		case step == "starttls" && s.script[step] == "":
			conn = tls.Server(conn, s.tls)
			in, secure = bufio.NewReader(conn), true
		case step == "data" && s.script[step] == "":
			if !s.letter(conn, in, n) {
				return
			}
		case step == "quit":
			return
		}
	}
}

func (s *server) letter(conn net.Conn, in *bufio.Reader, n int) bool {
	var b strings.Builder
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return false
		}
		if line == ".\r\n" {
			break
		}
		b.WriteString(strings.TrimPrefix(line, "."))
	}
	s.mu.Lock()
	s.log.letters = append(s.log.letters, b.String())
	s.mu.Unlock()
	return s.reply(conn, n, "dot")
}

func (s *server) note(line string, secure bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log.commands = append(s.log.commands, line)
	if !secure {
		s.log.clear = append(s.log.clear, line)
	}
}

// reply answers a step; false ends the connection.
func (s *server) reply(conn net.Conn, n int, step string) bool {
	answer := s.script[step]
	if s.onReply != nil {
		answer = cmp.Or(s.onReply(n, step), answer)
	}
	switch {
	case answer == "close":
		return false
	case answer == "stall":
		<-s.done
		return false
	case answer == "" && step == "ehlo":
		answer = "250-mx.example.edu.cn\r\n250-" + strings.Join(append(s.offers, "8BITMIME"), "\r\n250-")
		i := strings.LastIndex(answer, "250-")
		answer = answer[:i] + "250 " + answer[i+4:]
	case answer == "" && usual[step] == "":
		answer = "500 5.5.2 what?"
	case answer == "":
		answer = usual[step]
	}
	_, err := conn.Write([]byte(answer + "\r\n"))
	return err == nil
}

func (s *server) port() int { return s.listener.Addr().(*net.TCPAddr).Port }

func (s *server) count(prefix string) (n int) {
	for _, c := range s.seen().commands {
		if strings.HasPrefix(c, prefix) {
			n++
		}
	}
	return n
}

// channel opens a channel to the server with the office's usual settings.
func channel(t *testing.T, s *server, change func(*mail.Options)) *mail.Channel {
	t.Helper()
	o := mail.Options{
		Host: "127.0.0.1", Port: s.port(), Security: mail.SecurityNone,
		From: "效能办 <xnb@example.edu.cn>", Domain: "duban.example.edu.cn", Timeout: 2 * time.Second,
	}
	if change != nil {
		change(&o)
	}
	c, err := mail.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func message(key string) notifier.Message {
	return notifier.Message{
		Key: key, Notices: []string{"7-1-1", "7-2-1"}, Subject: "【提醒】“一站式”学生社区建设距时限还有3个工作日",
		To:   notifier.Receiver{Name: "王芳", Address: "wangfang@example.edu.cn"},
		Text: "请于2月28日前办结。\n.\n办理请回复。", HTML: "<p>请于<b>2月28日</b>前办结。</p>",
		At: time.Date(2023, 2, 17, 9, 0, 0, 0, time.FixedZone("CST", 8*3600)),
	}
}

func send(t *testing.T, c *mail.Channel, m notifier.Message) notifier.Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	return c.Send(ctx, m)
}

// certificate makes a self-signed pair for 127.0.0.1: what the server shows and
// what the client must trust to accept it.
func certificate(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mx"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, &tls.Config{RootCAs: roots}
}
