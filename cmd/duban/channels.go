package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/goccy/go-yaml"

	"duban/cmd/duban/internal/config"
	"duban/engine/org"
	"duban/notifier"
	"duban/notifier/mail"
	"duban/notifier/wecom"
)

// channels are the ways out that config names. Robots are always answered for:
// what was planned for one whose key is gone since goes to the person by mail.
// Attempts that are under way when stopping ends are cut off soon after.
func channels(stopping context.Context, c *config.Config) ([]notifier.Channel, error) {
	w, err := robotChannel(c)
	if c.Mail.Host == "" { // the notifier keeps e-mail until there is a server
		return []notifier.Channel{ending{w, stopping}}, err
	}
	m, mailErr := mailChannel(c)
	return []notifier.Channel{ending{m, stopping}, ending{w, stopping}}, errors.Join(mailErr, err)
}

func mailChannel(c *config.Config) (*mail.Channel, error) {
	return mail.New(mail.Options{
		Host: c.Mail.Host, Port: c.Mail.Port, Security: c.Mail.Security, From: c.Mail.From,
		Username: c.Mail.Username, Password: c.Mail.Password.Reveal(),
		Timeout: c.Mail.Timeout, KeepAlive: c.Mail.KeepAlive,
	})
}

func robotChannel(c *config.Config) (*wecom.Channel, error) {
	return wecom.New(wecom.Options{
		URL: c.WeCom.URL, AllowHost: c.WeCom.AllowHosts, Timeout: c.WeCom.Timeout,
		Key: func(robot string) (string, bool) {
			k, ok := c.RobotKey(robot)
			return k.Reveal(), ok
		},
	})
}

// attemptsEnd is how long attempts under way may go on when the service is told
// to end: an answer that comes is worth more than an attempt cut off, but the
// service has ten seconds in all.
const attemptsEnd = 5 * time.Second

// ending is a channel whose attempts end with the service, so that what came of
// them is still recorded.
type ending struct {
	notifier.Channel
	stopping context.Context
}

// Send makes one attempt.
func (e ending) Send(ctx context.Context, m notifier.Message) notifier.Result {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(e.stopping, func() {
		timer := time.AfterFunc(attemptsEnd, cancel)
		context.AfterFunc(ctx, func() { timer.Stop() })
	})
	defer stop()
	return e.Channel.Send(ctx, m)
}

// Close closes what the channel keeps open.
func (e ending) Close() error {
	if c, ok := e.Channel.(interface{ Close() error }); ok {
		return c.Close()
	}
	return nil
}

// reachable leaves out of the organisation the robots of units that config has
// no key for, so that their notices go to the person by mail, and says in
// warnings what cannot be reached. The robot of the shared group stays: nobody
// could get its notices instead, so they must show as undeliverable.
func reachable(c *config.Config, o *org.Org) (*org.Org, []string, error) {
	var warnings []string
	if c.Mail.Host == "" {
		warnings = append(warnings, "mail.host is empty: no e-mail goes out; messages are kept and go when it is set")
	}
	var keep []org.Robot
	for _, r := range o.Robots {
		_, known := c.RobotKey(r.Name)
		switch {
		case known:
			keep = append(keep, r)
		case r.Audience == org.AudienceShared:
			keep = append(keep, r)
			warnings = append(warnings, fmt.Sprintf("robot %s of %s has no key under wecom.robots: messages to the shared group cannot go", r.Name, r.Title))
		default:
			warnings = append(warnings, fmt.Sprintf("robot %s of %s has no key under wecom.robots: its notices go by mail", r.Name, r.Title))
		}
	}
	for _, r := range c.WeCom.Robots {
		if !slices.ContainsFunc(o.Robots, func(x org.Robot) bool { return x.Name == r.Name }) {
			warnings = append(warnings, fmt.Sprintf("wecom.robots: the organisation has no robot called %s", r.Name))
		}
	}
	if len(keep) == len(o.Robots) {
		return o, warnings, nil
	}
	o, err := withRobots(o, keep)
	return o, warnings, err
}

// withRobots is the organisation with other robots. It goes through the file
// form because only Load can build an organisation.
func withRobots(o *org.Org, robots []org.Robot) (*org.Org, error) {
	data, err := yaml.Marshal(struct {
		Name   string       `yaml:"name"`
		Phone  string       `yaml:"phone"`
		Units  []org.Unit   `yaml:"units"`
		Groups []org.Group  `yaml:"groups"`
		People []org.Person `yaml:"people"`
		Posts  []org.Post   `yaml:"posts"`
		Leave  []org.Leave  `yaml:"leave"`
		Robots []org.Robot  `yaml:"robots"`
	}{o.Name, o.Phone, o.Units, o.Groups, o.People, o.Posts, o.Leave, robots})
	if err != nil {
		return nil, fmt.Errorf("organisation: %w", err)
	}
	out, faults := org.Load("organisation", data)
	return out, faults.Err()
}
