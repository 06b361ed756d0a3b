package postbox

import (
	"encoding/json"
	"html/template"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

type shownMessage struct {
	view
	ID                       int64
	Channel, Subject         string
	Name, NameTitle, Address string
	PersonLink, DayLink      string
	Sender, At, Date         string
	Key, MessageID           string
	Notices                  []string
	Copies                   int
	Before, After            string
	Letter                   *letter
	Sandbox                  string
	Height                   int
	Bubble                   template.HTML
	Markdown                 bool
	Raw                      string
}

func (d *desk) message(w http.ResponseWriter, r *http.Request) {
	m, notices, ok := d.find(w, r)
	if !ok {
		return
	}
	const root = "../"
	s := shownMessage{view: view{root, subjectOr(m.Subject)}, ID: m.ID, Channel: m.Channel, Subject: subjectOr(m.Subject),
		Address: m.Receiver, Sender: m.Sender, At: clock(d.box.time(m.At)), Key: m.Key, MessageID: m.MessageID,
		Notices: notices, PersonLink: link(root, filter{Person: m.Receiver}), DayLink: link(root, filter{Day: m.Day}), Date: m.Day}
	s.Name, s.NameTitle = d.nameOf(m.Receiver)
	before, after, copies, err := d.box.around(r.Context(), m)
	if err != nil {
		d.failed(w, r, err)
		return
	}
	s.Copies = copies
	if before > 0 {
		s.Before = messageLink(root, before)
	}
	if after > 0 {
		s.After = messageLink(root, after)
	}
	if m.Channel == Mail {
		s.mail(m)
	} else {
		s.post(m, d.mention)
	}
	d.show(w, http.StatusOK, "message", s)
}

func (s *shownMessage) mail(m row) {
	l := readLetter(m.Raw)
	s.Letter, s.Sandbox = &l, mailSandbox
	s.Height = frameHeight(l.words())
}

// frameHeight guesses how tall a mail is in pixels. A frame without scripts
// cannot tell its height; a wrong guess costs a scroll bar.
func frameHeight(words string) int {
	height := 220
	for line := range strings.Lines(words) {
		height += 30 * (1 + utf8.RuneCountInString(line)/36)
	}
	return min(max(height, 420), 2400)
}

func (s *shownMessage) post(m row, who names) {
	s.Raw = string(m.Raw)
	var p post
	err := json.Unmarshal(m.Raw, &p)
	if err == nil && p.Card != nil {
		s.Markdown = true
		s.Bubble, _ = renderCard(p.Card) // without it the raw words remain
		return
	}
	if err != nil || p.body() == nil {
		return // only what was accepted is kept, so this is a damaged file: the raw words remain
	}
	if p.MsgType == "text" {
		s.Bubble = renderText(p.body(), who)
		return
	}
	s.Bubble, s.Markdown = renderMarkdown(p.body().Content, who), true
}

var headTag = regexp.MustCompile(`(?i)<head\b[^>]*>`)

// mailHTML is the mail's own page, for the sandboxed frame. Its links open
// beside it.
func (d *desk) mailHTML(w http.ResponseWriter, r *http.Request) {
	m, _, ok := d.find(w, r)
	if !ok {
		return
	}
	l := readLetter(m.Raw)
	if m.Channel != Mail || l.HTML == "" {
		d.missing(w, r)
		return
	}
	const base = `<base target="_blank">`
	page := l.HTML
	if at := headTag.FindStringIndex(page); at != nil {
		page = page[:at[1]] + base + page[at[1]:]
	} else {
		page = "<!doctype html>" + base + page
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", mailPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Length", strconv.Itoa(len(page)))
	w.Write([]byte(page))
}
