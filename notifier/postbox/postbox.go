// Package postbox is a mail server and a WeCom robot endpoint on the loopback
// interface that hold senders to the limits of the real ones and keep what
// they receive. The demo sends through it and shows its pages; tests script
// its faults.
//
// What was answered with 250 or errcode 0 is committed to the file first, so a
// sender that is killed and comes back can be checked against it, message by
// message.
package postbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/jmoiron/sqlx"
)

// The channels, named as in the sender's ledger.
const (
	Mail  = "mail"
	WeCom = "wecom"
)

// The byte limits of robot messages, as documented by the vendor
// (消息推送配置说明), and its rate: posts a minute for one robot.
const (
	DefaultTextLimit     = 2048
	DefaultMarkdownLimit = 4096
	RobotRate            = 20
)

// Options say how a box behaves. Only Now is required.
type Options struct {
	File          string           // SQLite file keeping what was received; "" keeps it in memory
	Now           func() time.Time // the clock shared with the sender: arrival stamps and the robots' windows count on it
	Zone          *time.Location   // the zone days are counted in; nil: China Standard Time
	Robots        []Robot          // the known robots; any other key is answered 93000
	TextLimit     int              // bytes of a text message; 0: DefaultTextLimit
	MarkdownLimit int              // bytes of a markdown message; 0: DefaultMarkdownLimit
	TLS           *tls.Config      // STARTTLS is offered when set
	User          string           // when set, AUTH PLAIN and LOGIN are offered and mail needs it
	Password      string
}

// Robot is a group robot. The page and the arrivals name it by Name, or by Key
// when it has none.
type Robot struct{ Key, Name string }

func (r Robot) name() string {
	if r.Name == "" {
		return r.Key
	}
	return r.Name
}

// Box receives. Its methods may be called from several goroutines.
type Box struct {
	o      Options
	robots map[string]Robot
	faults *Faults

	db, reader *sqlx.DB // the same handle when the box is in memory
	insert     [3]*sqlx.Stmt

	robotLock sync.Mutex // counting a robot's minute and storing the post are one act

	lock             sync.Mutex
	started          bool
	closed           bool
	mailAt, robotsAt string
	stop             []io.Closer
}

// Open makes a box and its file, or takes up an existing file.
func Open(o Options) (*Box, error) {
	if o.Now == nil {
		return nil, errors.New("postbox: open: Options.Now is missing")
	}
	if o.Zone == nil {
		o.Zone = time.FixedZone("CST", 8*3600)
	}
	if o.TextLimit == 0 {
		o.TextLimit = DefaultTextLimit
	}
	if o.MarkdownLimit == 0 {
		o.MarkdownLimit = DefaultMarkdownLimit
	}
	b := &Box{o: o, robots: map[string]Robot{}, faults: newFaults()}
	for _, r := range o.Robots {
		b.robots[r.Key] = r
	}
	if err := b.openStore(); err != nil {
		return nil, fmt.Errorf("postbox: open %s: %w", o.File, err)
	}
	return b, nil
}

// Start listens on two free ports of 127.0.0.1. When ctx ends the box stops
// receiving; what it has can still be read until Close.
func (b *Box) Start(ctx context.Context) error {
	letters, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("postbox: start mail: %w", err)
	}
	posts, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		letters.Close()
		return fmt.Errorf("postbox: start robots: %w", err)
	}
	if err := b.StartOn(ctx, letters, posts); err != nil {
		letters.Close()
		posts.Close()
		return err
	}
	return nil
}

// StartOn is Start on listeners of the caller's, for mail and for robots, which
// need not be sockets. The box closes them when it stops.
func (b *Box) StartOn(ctx context.Context, letters, posts net.Listener) error {
	b.lock.Lock()
	defer b.lock.Unlock()
	if b.started || b.closed {
		return errors.New("postbox: start: already started or closed")
	}
	b.started = true
	b.mailAt, b.robotsAt = letters.Addr().String(), posts.Addr().String()
	b.serveMail(letters)
	b.serveRobots(posts)
	context.AfterFunc(ctx, b.stopServers)
	return nil
}

func (b *Box) serveMail(l net.Listener) {
	s := smtp.NewServer(smtp.BackendFunc(b.newSession))
	s.Domain = "postbox.localhost"
	s.MaxMessageBytes = 25 << 20
	s.MaxRecipients = 100
	s.TLSConfig = b.o.TLS
	// A sender that forgets TLS must be able to make its mistake here.
	s.AllowInsecureAuth = true
	s.ErrorLog = log.New(io.Discard, "", 0)
	b.stop = append(b.stop, s, l)
	go s.Serve(&listener{Listener: l, faults: b.faults})
}

func (b *Box) serveRobots(l net.Listener) {
	mux := http.NewServeMux()
	mux.HandleFunc(robotPath, b.serveRobot)
	s := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	b.stop = append(b.stop, s, l)
	go s.Serve(l)
}

func (b *Box) stopServers() {
	b.lock.Lock()
	stop := b.stop
	b.stop = nil
	b.lock.Unlock()
	for _, c := range stop {
		c.Close() // a listener its server has closed already says so; nothing follows from it
	}
}

// MailAddr is host:port of the mail server, "" before Start.
func (b *Box) MailAddr() string {
	b.lock.Lock()
	defer b.lock.Unlock()
	return b.mailAt
}

// RobotURL is the robots' address without the key, which is appended as ?key=;
// "" before Start.
func (b *Box) RobotURL() string {
	b.lock.Lock()
	defer b.lock.Unlock()
	if b.robotsAt == "" {
		return ""
	}
	return "http://" + b.robotsAt + robotPath
}

// Faults scripts what goes wrong next.
func (b *Box) Faults() *Faults { return b.faults }

// Close stops receiving and closes the file. Closing twice does nothing.
func (b *Box) Close() error {
	b.stopServers()
	b.lock.Lock()
	defer b.lock.Unlock()
	if b.closed {
		return nil
	}
	b.closed = true
	if err := b.closeStore(); err != nil {
		return fmt.Errorf("postbox: close: %w", err)
	}
	return nil
}
