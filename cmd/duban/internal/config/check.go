package config

import (
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // zones load on machines that have no zone files

	"duban/engine/fault"
)

// checker looks at one config after it was decoded. Settings that could not be
// decoded keep their defaults and so pass.
type checker struct {
	src      *fault.Source
	faults   fault.List
	warnings fault.List
}

func (c *Config) check(src *fault.Source) fault.List {
	k := &checker{src: src}
	k.organisation(c)
	k.files(c)
	k.network(c)
	k.heartbeat(c)
	k.mail(&c.Mail)
	k.wecom(&c.WeCom)
	k.notify(&c.Notify)
	k.oneOf("leaders.release", c.Leaders.Release, "manual", "auto")
	k.oneOf("log.level", c.Log.Level, "debug", "info", "warn", "error")
	k.oneOf("log.format", c.Log.Format, "text", "json")
	k.warnings.Sort()
	c.warnings = k.warnings
	return k.faults
}

// fault names the setting, which may be absent from the file.
func (k *checker) fault(path, what, hint string) {
	k.faults = append(k.faults, k.src.Fault(path, path+": "+what, hint))
}

func (k *checker) warn(path, what, hint string) {
	k.warnings = append(k.warnings, k.src.Fault(path, path+": "+what, hint))
}

func (k *checker) want(ok bool, path, what, hint string) {
	if !ok {
		k.fault(path, what, hint)
	}
}

func (k *checker) oneOf(path, value string, words ...string) {
	if slices.Contains(words, value) {
		return
	}
	hint := "one of " + strings.Join(words, ", ")
	if near := fault.Nearest(value, words); near != "" {
		hint += fmt.Sprintf("; did you mean %q?", near)
	}
	k.fault(path, fmt.Sprintf("%q is no choice", value), hint)
}

func (k *checker) between(path string, value, least, most int) {
	k.want(value >= least && value <= most, path, fmt.Sprintf("%d is out of range", value), fmt.Sprintf("from %d to %d", least, most))
}

func (k *checker) lasts(path string, value, least, most time.Duration) {
	k.want(value >= least && value <= most, path, short(value)+" is out of range", "from "+short(least)+" to "+short(most))
}

// short is 4h where Duration says 4h0m0s.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return s
}

func (k *checker) organisation(c *Config) {
	k.want(strings.TrimSpace(c.Organisation.Name) != "", "organisation.name", "is empty", "write the name that stands on papers and messages")
	_, err := time.LoadLocation(c.Organisation.Zone)
	z := c.Organisation.Zone
	k.want(err == nil && z != "" && z != "Local", "organisation.zone", fmt.Sprintf("%q is no time zone", z), "write a name such as Asia/Shanghai")
}

func (k *checker) files(c *Config) {
	k.want(c.Data != "", "data", "is empty", "name a folder; it is made when missing")
	if info, err := os.Stat(c.Data); err == nil {
		k.want(info.IsDir(), "data", c.Data+" is a file", "name a folder")
	}
	k.exists("org", c.Org, false)
	k.exists("workflows", c.Workflows, true)
	for i, f := range c.Calendars.Holidays {
		k.exists(fault.Path("calendars", "holidays", i), f, false)
	}
	for i, f := range c.Calendars.Terms {
		k.exists(fault.Path("calendars", "terms", i), f, false)
	}
}

// exists lets the empty path pass: the embedded or usual one is meant.
func (k *checker) exists(path, file string, dir bool) {
	if file == "" && !strings.HasSuffix(path, "]") {
		return
	}
	info, err := os.Stat(file)
	switch {
	case err != nil:
		k.fault(path, fmt.Sprintf("%q: %s", file, reason(err)), "relative paths count from the folder of the config file")
	case dir && !info.IsDir():
		k.fault(path, fmt.Sprintf("%q is a file", file), "name a folder")
	case !dir && info.IsDir():
		k.fault(path, fmt.Sprintf("%q is a folder", file), "name a file")
	}
}

func (k *checker) network(c *Config) {
	k.listen("web.listen", c.Web.Listen)
	if c.Metrics.Listen != "" {
		k.listen("metrics.listen", c.Metrics.Listen)
	}
	u, err := url.Parse(c.Web.BaseURL)
	ok := err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.User == nil &&
		u.RawQuery == "" && u.Fragment == "" && !strings.HasSuffix(c.Web.BaseURL, "/")
	k.want(ok, "web.base_url", "is no address that links can begin with", "write it as https://duban.example.edu.cn, without a slash at the end")
	near := ok && (u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback())
	k.want(!c.WeCom.Cards || !near, "wecom.cards", "wants a page that phones reach, and web.base_url is this machine alone", "set web.base_url to the address of the service, or leave cards false")
	k.dsn(c.Store.DSN)
	for server := range strings.SplitSeq(c.NATS.URL, ",") {
		if c.NATS.URL != "" {
			k.nats(strings.TrimSpace(server))
		}
	}
}

func (k *checker) listen(path, address string) {
	_, port, err := net.SplitHostPort(address)
	n, portErr := strconv.Atoi(port)
	k.want(err == nil && portErr == nil && n >= 0 && n <= 65535, path, fmt.Sprintf("%q is no address to listen on", address), "write host:port, such as 127.0.0.1:8080, or :8080 for every interface")
}

// dsn does not print what was written: it may hold a password.
func (k *checker) dsn(dsn string) {
	if isFile(dsn) {
		return
	}
	u, err := url.Parse(dsn)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") || u.Host == "" {
		k.fault("store.dsn", "is no address of a database", "write a file name, or postgres://user@host:5432/database")
		return
	}
	_, password := u.User.Password()
	k.want(!password && !u.Query().Has("password"), "store.dsn", "a secret does not belong in this file", "leave the password out and set PGPASSWORD or PGPASSFILE")
}

func (k *checker) nats(server string) {
	u, err := url.Parse(server)
	if err != nil || (u.Scheme != "nats" && u.Scheme != "tls") || u.Hostname() == "" {
		k.fault("nats.url", "is no address of a NATS server", "write nats://host:4222, several with commas, or leave it empty")
		return
	}
	k.want(u.User == nil, "nats.url", "a secret does not belong in this file", "let the cluster know this machine by network or TLS")
}

// heartbeat does not print the address: it is a secret.
func (k *checker) heartbeat(c *Config) {
	h := &c.Heartbeat
	k.lasts("heartbeat.every", h.Every, 10*time.Second, 24*time.Hour)
	k.oneOf("heartbeat.method", h.Method, "GET", "POST")
	k.want(!h.NATS || c.NATS.URL != "", "heartbeat.nats", "nobody can listen to the server inside this process", "set nats.url, or leave nats out")
	h.URL = k.secret("heartbeat.url", h.URLFile, h.URLEnv)
	if h.URL == "" {
		return
	}
	path := "heartbeat.url_file"
	if h.URLFile == "" {
		path = "heartbeat.url_env"
	}
	u, err := url.Parse(h.URL.Reveal())
	ok := err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
	k.want(ok, path, "holds no web address", "it holds nothing but https://…")
	k.want(!ok || u.Scheme == "https" || slices.Contains(h.AllowHosts, u.Host) || slices.Contains(h.AllowHosts, u.Hostname()),
		path, "plain HTTP shows the address to the network", "take https, or list the host in allow_hosts")
}

func (k *checker) mail(m *Mail) {
	k.between("mail.port", m.Port, 1, 65535)
	k.between("mail.workers", m.Workers, 1, 32)
	k.lasts("mail.timeout", m.Timeout, time.Second, 10*time.Minute)
	k.oneOf("mail.security", m.Security, "none", "starttls", "tls")
	m.Password = k.secret("mail.password", m.PasswordFile, m.PasswordEnv)
	k.want(!strings.ContainsAny(m.Host, ":/ @"), "mail.host", fmt.Sprintf("%q is no host name", m.Host), "write the name alone, such as smtp.example.edu.cn; the port has its own setting")
	if m.From != "" {
		_, err := mail.ParseAddress(m.From)
		k.want(err == nil, "mail.from", fmt.Sprintf("%q is no mail address", m.From), "write it as 效能办 <xnb@example.edu.cn>")
	}
	if m.Host == "" {
		return
	}
	k.want(m.From != "", "mail.from", "is empty", "write the address that mail comes from")
	k.want(m.Username == "" || m.Password != "" || m.PasswordFile+m.PasswordEnv != "", "mail.username", "has no password", "use password_file or password_env")
	if m.Security == "none" && m.Username != "" {
		k.warn("mail.security", "the password crosses the network in clear text", "use starttls or tls")
	}
}

// weComHost is the one host that needs no allowing.
const weComHost = "qyapi.weixin.qq.com"

func (k *checker) wecom(w *WeCom) {
	k.between("wecom.per_minute", w.PerMinute, 1, 20)
	k.lasts("wecom.timeout", w.Timeout, time.Second, 10*time.Minute)
	k.weComURL(w)
	names := map[string]bool{}
	for i := range w.Robots {
		k.robot(fault.Path("wecom", "robots", i), &w.Robots[i], names)
	}
}

func (k *checker) weComURL(w *WeCom) {
	u, err := url.Parse(w.URL)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Hostname() == "" {
		k.fault("wecom.url", "is no web address", "the usual one is https://"+weComHost+"/cgi-bin/webhook/send")
		return
	}
	k.want(u.User == nil && !u.Query().Has("key"), "wecom.url", "a secret does not belong in this file", "leave the key out; use key_file or key_env of a robot")
	allowed := slices.Contains(w.AllowHosts, u.Host) || slices.Contains(w.AllowHosts, u.Hostname())
	k.want(allowed || u.Hostname() == weComHost, "wecom.url", fmt.Sprintf("%s is not allowed", u.Host), "add it to allow_hosts")
	k.want(allowed || u.Scheme == "https", "wecom.url", "plain HTTP shows the key to the network", "write https")
}

func (k *checker) robot(path string, r *Robot, names map[string]bool) {
	k.want(r.Name != "", path+".name", "is empty", "the organisation refers to a robot by its name")
	k.want(r.Name == "" || !names[r.Name], path+".name", fmt.Sprintf("%q names two robots", r.Name), "give each its own name")
	names[r.Name] = true
	k.want(r.KeyFile+r.KeyEnv != "", path, "has no key", "use key_file or key_env")
	r.Key = k.secret(path+".key", r.KeyFile, r.KeyEnv)
}

func (k *checker) notify(n *Notify) {
	k.want(n.Opening < n.Closing, "notify.closing", fmt.Sprintf("%s is not after the opening at %s", n.Closing, n.Opening), "write a later time")
	k.want(n.Opening >= n.SendFrom && n.Opening < n.SendTo, "notify.opening", fmt.Sprintf("at %s nothing is sent", n.Opening), "write a time between send_from and send_to")
	k.want(n.SendFrom < n.SendTo, "notify.send_to", fmt.Sprintf("%s is not after send_from, %s", n.SendTo, n.SendFrom), "write a later time")
	k.want(len(n.Retries) <= 20, "notify.retries", fmt.Sprintf("%d retries", len(n.Retries)), "at most 20")
	for i, wait := range n.Retries {
		k.lasts(fault.Path("notify", "retries", i), wait, time.Second, 24*time.Hour)
	}
	k.lasts("notify.ambiguous_wait", n.AmbiguousWait, time.Minute, 24*time.Hour)
}
