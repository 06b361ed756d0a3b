package heartbeat

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

// Systemd speaks sd_notify(3) to the service manager. The zero Systemd speaks
// to nobody.
type Systemd struct {
	socket string
	every  time.Duration // 0: no watchdog is set
}

// NewSystemd takes what systemd puts into the environment: NOTIFY_SOCKET and
// WATCHDOG_USEC. Half the watchdog's time passes between two beats.
func NewSystemd(getenv func(string) string) Systemd {
	usec, err := strconv.ParseInt(getenv("WATCHDOG_USEC"), 10, 64)
	if err != nil || usec <= 0 {
		usec = 0
	}
	return Systemd{socket: getenv("NOTIFY_SOCKET"), every: time.Duration(usec) * time.Microsecond / 2}
}

// Ready says that the service has started.
func (s Systemd) Ready() error { return s.say("READY=1") }

// Stopping says that the service ends, in order.
func (s Systemd) Stopping() error { return s.say("STOPPING=1") }

// Watchdog is the way to systemd's watchdog; false when none is set.
func (s Systemd) Watchdog() (Way, bool) {
	return Way{Name: "systemd", Every: s.every, Beat: func(context.Context) error { return s.say("WATCHDOG=1") }},
		s.socket != "" && s.every > 0
}

func (s Systemd) say(words string) error {
	if s.socket == "" {
		return nil
	}
	name := s.socket
	if strings.HasPrefix(name, "@") { // the abstract namespace of Linux
		name = "\x00" + name[1:]
	}
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		return fmt.Errorf("heartbeat: systemd: %w", err)
	}
	defer c.Close()
	if _, err := c.Write([]byte(words)); err != nil {
		return fmt.Errorf("heartbeat: systemd: %w", err)
	}
	return nil
}
