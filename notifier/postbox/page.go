package postbox

import (
	"crypto/sha256"
	"database/sql"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// People tells who a mail address or a WeCom user id belongs to; empty strings
// when it does not know.
type People interface {
	NameOf(address string) (name, title string)
}

//go:embed page.css
var css string

//go:embed page.html
var markup string

var pages = template.Must(template.New("").Funcs(template.FuncMap{
	"css":     func() template.CSS { return template.CSS(css) },
	"channel": channelName,
	"day":     dayName,
	"month":   monthName,
	"number":  number,
}).Parse(markup))

// desk shows what a box has received.
type desk struct {
	box    *Box
	people People
}

// Handler is the post-box page. It may be mounted under a prefix with
// http.StripPrefix: all its links are relative. people may be nil.
func (b *Box) Handler(p People) http.Handler {
	d := &desk{b, p}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", d.home)
	mux.HandleFunc("GET /message/{id}", d.message)
	mux.HandleFunc("GET /message/{id}/html", d.mailHTML)
	mux.HandleFunc("GET /raw/{id}", d.raw)
	mux.HandleFunc("/", d.missing)
	return mux
}

// view is what every page knows.
type view struct {
	Root  string // the way back to /
	Title string
}

func policy() string {
	sum := sha256.Sum256([]byte(css))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; img-src data:; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
}

// mailPolicy is for what strangers wrote: no script, no form, nothing fetched.
const mailPolicy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; " +
	"frame-ancestors 'self'; sandbox " + mailSandbox

const mailSandbox = "allow-popups allow-popups-to-escape-sandbox"

func (d *desk) show(w http.ResponseWriter, status int, name string, data any) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy())
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	pages.ExecuteTemplate(w, name, data) // fails only when the reader has gone away
}

func (d *desk) missing(w http.ResponseWriter, r *http.Request) {
	d.show(w, http.StatusNotFound, "missing", view{rootOf(r), "没有这一页"})
}

// rootOf leads from a page back to /, whatever prefix was stripped.
func rootOf(r *http.Request) string {
	return "./" + strings.Repeat("../", max(0, strings.Count(r.URL.Path, "/")-1))
}

// failed answers an error: nothing there, or nothing to be read now.
func (d *desk) failed(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, sql.ErrNoRows) {
		d.missing(w, r)
		return
	}
	d.show(w, http.StatusInternalServerError, "failed", struct {
		view
		Err error
	}{view{rootOf(r), "信箱打不开"}, err})
}

func (d *desk) home(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	for _, name := range []string{"person", "day", "month", "channel", "q", "all"} {
		if q.Get(name) != "" {
			d.list(w, r)
			return
		}
	}
	o, err := d.overview(r)
	if err != nil {
		d.failed(w, r, err)
		return
	}
	d.show(w, http.StatusOK, "overview", o)
}

// find loads the message that the address names.
func (d *desk) find(w http.ResponseWriter, r *http.Request) (row, []string, bool) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		d.missing(w, r)
		return row{}, nil, false
	}
	m, notices, err := d.box.message(r.Context(), id)
	if err != nil {
		d.failed(w, r, err)
		return row{}, nil, false
	}
	return m, notices, true
}

func (d *desk) raw(w http.ResponseWriter, r *http.Request) {
	m, _, ok := d.find(w, r)
	if !ok {
		return
	}
	kind, ext := "message/rfc822", "eml"
	if m.Channel == WeCom {
		kind, ext = "application/json", "json"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%d.%s"`, m.ID, ext))
	w.Write(m.Raw)
}

// nameOf gives a receiver's name, falling back to the address.
func (d *desk) nameOf(address string) (name, title string) {
	if d.people != nil {
		name, title = d.people.NameOf(address)
	}
	if name == "" {
		name = address
	}
	return name, title
}

func (d *desk) mention(id string) string {
	name, _ := d.nameOf(id)
	return name
}

func channelName(c string) string {
	if c == Mail {
		return "邮件"
	}
	return "企业微信"
}

var weekdays = [...]string{"日", "一", "二", "三", "四", "五", "六"}

// dayName turns 2023-02-28 into 2023年2月28日（周二）.
func dayName(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.Format("2006年1月2日") + "（周" + weekdays[t.Weekday()] + "）"
}

func monthName(month string) string {
	t, err := time.Parse("2006-01", month)
	if err != nil {
		return month
	}
	return t.Format("2006年1月")
}

// number groups the thousands of a whole number that is not negative: 12,345.
func number(n any) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
