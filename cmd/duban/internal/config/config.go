// Package config reads config.yaml: what it may say, what holds when it says
// nothing, and what is wrong with it.
package config

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"duban/engine/fault"
)

// Config is every setting. Paths are as Load made them: relative ones count
// from the folder of the config file.
type Config struct {
	Organisation Organisation `yaml:"organisation"`
	Data         string       `yaml:"data"`
	Store        Store        `yaml:"store"`
	Org          string       `yaml:"org"`
	Calendars    Calendars    `yaml:"calendars"`
	Workflows    string       `yaml:"workflows"`
	NATS         NATS         `yaml:"nats"`
	Web          Web          `yaml:"web"`
	Metrics      Metrics      `yaml:"metrics"`
	Heartbeat    Heartbeat    `yaml:"heartbeat"`
	Mail         Mail         `yaml:"mail"`
	WeCom        WeCom        `yaml:"wecom"`
	Notify       Notify       `yaml:"notify"`
	Leaders      Leaders      `yaml:"leaders"`
	Log          Log          `yaml:"log"`

	warnings fault.List
}

// Organisation is whose assignments these are.
type Organisation struct {
	Name string `yaml:"name"`
	Zone string `yaml:"zone"` // IANA name
}

// Store is where the truth is kept.
type Store struct {
	DSN string `yaml:"dsn"` // "": a file in Data, see Config.DSN
}

// Calendars are files that replace the embedded tables; none: the embedded.
type Calendars struct {
	Holidays []string `yaml:"holidays"`
	Terms    []string `yaml:"terms"`
}

// NATS is the bus.
type NATS struct {
	URL    string `yaml:"url"`    // "": a server inside this process
	Dir    string `yaml:"dir"`    // of the server inside; "": see Config.NATSDir
	Events bool   `yaml:"events"` // publish every step for other systems; only outside servers have listeners
}

// Web is the pages and the API.
type Web struct {
	Listen  string `yaml:"listen"`   // host:port
	BaseURL string `yaml:"base_url"` // what links in messages begin with, without a slash at the end
}

// Metrics is for Prometheus.
type Metrics struct {
	Listen string `yaml:"listen"` // host:port; "": on the listener of Web
}

// Heartbeat says to those outside that the service is well, for as long as it is.
type Heartbeat struct {
	URL        Secret        `yaml:"url"` // from URLFile or URLEnv; refused in the file itself. "": nobody is asked
	URLFile    string        `yaml:"url_file"`
	URLEnv     string        `yaml:"url_env"`
	Method     string        `yaml:"method"` // GET or POST
	Every      time.Duration `yaml:"every"`
	AllowHosts []string      `yaml:"allow_hosts"` // hosts that may be private and speak plain HTTP
	NATS       bool          `yaml:"nats"`        // also on the subject duban.heartbeat of an outside NATS
}

// Mail is the way out over SMTP; no host, no mail.
type Mail struct {
	Host         string        `yaml:"host"`
	Port         int           `yaml:"port"`
	Security     string        `yaml:"security"` // none, starttls or tls
	Username     string        `yaml:"username"`
	Password     Secret        `yaml:"password"` // from PasswordFile or PasswordEnv; refused in the file itself
	PasswordFile string        `yaml:"password_file"`
	PasswordEnv  string        `yaml:"password_env"`
	From         string        `yaml:"from"` // 效能办 <xnb@example.edu.cn>
	Timeout      time.Duration `yaml:"timeout"`
	Workers      int           `yaml:"workers"`
	KeepAlive    bool          `yaml:"keep_alive"`
}

// WeCom is the way out over group robots; no robots, no messages.
type WeCom struct {
	URL        string        `yaml:"url"`
	AllowHosts []string      `yaml:"allow_hosts"` // further hosts: these may be private and speak plain HTTP
	Timeout    time.Duration `yaml:"timeout"`
	PerMinute  int           `yaml:"per_minute"` // messages of one robot
	Cards      bool          `yaml:"cards"`      // news that ask for nothing go as cards that open Web.BaseURL
	Robots     []Robot       `yaml:"robots"`
}

// Robot is one group robot; the organisation refers to it by name.
type Robot struct {
	Name    string `yaml:"name"`
	Key     Secret `yaml:"key"` // from KeyFile or KeyEnv; refused in the file itself
	KeyFile string `yaml:"key_file"`
	KeyEnv  string `yaml:"key_env"`
}

// Notify is when and how often people are told.
type Notify struct {
	Opening       Clock           `yaml:"opening"` // reminders fall due
	Closing       Clock           `yaml:"closing"` // deadlines end
	SendFrom      Clock           `yaml:"send_from"`
	SendTo        Clock           `yaml:"send_to"`
	Retries       []time.Duration `yaml:"retries"`        // wait before the second, third … attempt
	AmbiguousWait time.Duration   `yaml:"ambiguous_wait"` // before the one repeat of a message that may have arrived
	Phone         string          `yaml:"phone"`          // of the office, printed in messages
}

// Leaders says whether notices to leaders wait for the office.
type Leaders struct {
	Release string `yaml:"release"` // manual or auto
}

// Log is what is written to standard error.
type Log struct {
	Level  string `yaml:"level"`  // debug, info, warn or error
	Format string `yaml:"format"` // text or json
}

// Default is what holds where config.yaml says nothing.
func Default() *Config {
	return &Config{
		Organisation: Organisation{Name: "示范学院", Zone: "Asia/Shanghai"},
		Data:         "data",
		Calendars:    Calendars{Holidays: []string{}, Terms: []string{}},
		NATS:         NATS{Events: true},
		Web:          Web{Listen: "127.0.0.1:8080", BaseURL: "http://127.0.0.1:8080"},
		Heartbeat:    Heartbeat{Method: "GET", Every: 5 * time.Minute, AllowHosts: []string{}},
		Mail:         Mail{Port: 587, Security: "starttls", Timeout: 20 * time.Second, Workers: 2, KeepAlive: true},
		WeCom: WeCom{
			URL:        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send",
			AllowHosts: []string{},
			Timeout:    15 * time.Second,
			PerMinute:  18,
			Robots:     []Robot{},
		},
		Notify: Notify{
			Opening: At(9, 0), Closing: At(17, 30), SendFrom: At(8, 30), SendTo: At(17, 30),
			Retries:       []time.Duration{30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour, 4 * time.Hour},
			AmbiguousWait: 10 * time.Minute,
		},
		Leaders: Leaders{Release: "manual"},
		Log:     Log{Level: "info", Format: "text"},
	}
}

// Load reads a config file over the defaults, fetches the secrets that it names
// and lists every fault. The Config is never nil; with faults it is of no use.
func Load(file string) (*Config, fault.List) {
	c := Default()
	src, faults := fault.Read(file, c)
	if len(faults) == 0 || len(src.Keys("")) > 0 { // else it could not be read at all
		c.resolve(filepath.Dir(file))
		faults = merge(faults, c.check(src))
	}
	faults.Sort()
	return c, faults
}

// merge leaves out what is found again at a place that could not be decoded.
func merge(decoded, checked fault.List) fault.List {
	out := decoded
	for _, c := range checked {
		at := func(d fault.Fault) bool { return d.Line == c.Line && d.Column == c.Column }
		if !slices.ContainsFunc(decoded, at) {
			out = append(out, c)
		}
	}
	return out
}

// resolve makes relative paths count from the config file's folder: a service
// may be started from anywhere.
func (c *Config) resolve(dir string) {
	paths := []*string{&c.Data, &c.Org, &c.Workflows, &c.NATS.Dir, &c.Mail.PasswordFile, &c.Heartbeat.URLFile}
	for i := range c.Calendars.Holidays {
		paths = append(paths, &c.Calendars.Holidays[i])
	}
	for i := range c.Calendars.Terms {
		paths = append(paths, &c.Calendars.Terms[i])
	}
	for i := range c.WeCom.Robots {
		paths = append(paths, &c.WeCom.Robots[i].KeyFile)
	}
	if isFile(c.Store.DSN) {
		paths = append(paths, &c.Store.DSN)
	}
	for _, p := range paths {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(dir, *p)
		}
	}
}

// isFile tells a file of SQLite from an address or words such as
// "host=db password=x".
func isFile(dsn string) bool { return !strings.ContainsAny(dsn, ":=") || filepath.IsAbs(dsn) }

// Warnings are what Load found unwise but not wrong, placed like faults.
func (c *Config) Warnings() fault.List { return c.warnings }

// DSN is store.dsn, or the file duban.db in the data folder.
func (c *Config) DSN() string {
	if c.Store.DSN != "" {
		return c.Store.DSN
	}
	return filepath.Join(c.Data, "duban.db")
}

// OrgFile is org, or org.yaml in the data folder.
func (c *Config) OrgFile() string {
	if c.Org != "" {
		return c.Org
	}
	return filepath.Join(c.Data, "org.yaml")
}

// NATSDir is nats.dir, or the folder nats in the data folder.
func (c *Config) NATSDir() string {
	if c.NATS.Dir != "" {
		return c.NATS.Dir
	}
	return filepath.Join(c.Data, "nats")
}

// Location is the zone of the organisation.
func (c *Config) Location() (*time.Location, error) {
	loc, err := time.LoadLocation(c.Organisation.Zone)
	if err != nil {
		return nil, fmt.Errorf("config: location: %w", err)
	}
	return loc, nil
}

// RobotKey looks up the key of a robot by its name.
func (c *Config) RobotKey(name string) (Secret, bool) {
	for _, r := range c.WeCom.Robots {
		if r.Name == name {
			return r.Key, true
		}
	}
	return "", false
}
