package postbox

import (
	"bytes"
	"encoding/base64"
	"html"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strings"

	"golang.org/x/text/encoding/htmlindex"
)

// The headers a sender carries its own keys in.
const (
	HeaderNotices  = "X-Duban-Notices"  // notice ids, separated by commas
	HeaderDelivery = "X-Duban-Delivery" // delivery key
)

const maxDepth = 8 // of parts within parts; real mail has three

// letter is a mail as far as it could be understood. A mail beyond
// understanding is kept and shown all the same.
type letter struct {
	from, to, subject, date, messageID, delivery string

	notices    []string
	Head       string // the header block as it came
	Text, HTML string
	Files      []attachment
}

type attachment struct {
	Name, Type string
	Size       int
}

var wordDecoder = mime.WordDecoder{CharsetReader: charsetReader}

func charsetReader(charset string, in io.Reader) (io.Reader, error) {
	e, err := htmlindex.Get(charset)
	if err != nil {
		return nil, err
	}
	return e.NewDecoder().Reader(in), nil
}

func decodeWords(s string) string {
	if d, err := wordDecoder.DecodeHeader(s); err == nil {
		s = d
	}
	return readable(s)
}

// readable marks bytes that are no UTF-8.
func readable(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

func readLetter(raw []byte) letter {
	l := letter{Head: readable(headOf(raw))}
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		l.Text = readable(string(raw))
		return l
	}
	h := m.Header
	l.from, l.to, l.subject = decodeWords(h.Get("From")), decodeWords(h.Get("To")), decodeWords(h.Get("Subject"))
	l.date, l.messageID = h.Get("Date"), strings.Trim(strings.TrimSpace(h.Get("Message-Id")), "<>")
	l.delivery = strings.TrimSpace(h.Get(HeaderDelivery))
	for n := range strings.SplitSeq(h.Get(HeaderNotices), ",") {
		if n = strings.TrimSpace(n); n != "" {
			l.notices = append(l.notices, n)
		}
	}
	l.walk(h.Get, m.Body, 0)
	return l
}

func headOf(raw []byte) string {
	for _, blank := range []string{"\r\n\r\n", "\n\n"} {
		if head, _, found := bytes.Cut(raw, []byte(blank)); found {
			return string(head)
		}
	}
	return string(raw)
}

func (l *letter) walk(header func(string) string, body io.Reader, depth int) {
	kind, params, err := mime.ParseMediaType(header("Content-Type"))
	if err != nil || kind == "" {
		kind, params = "text/plain", nil
	}
	if strings.HasPrefix(kind, "multipart/") && depth < maxDepth {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if err != nil {
				return // the end, or a broken rest that cannot be shown
			}
			l.walk(p.Header.Get, p, depth+1)
		}
	}
	l.leaf(header, kind, params, body)
}

func (l *letter) leaf(header func(string) string, kind string, params map[string]string, body io.Reader) {
	content, _ := io.ReadAll(transfer(header("Content-Transfer-Encoding"), body)) // what could be decoded is shown
	disposition, more, _ := mime.ParseMediaType(header("Content-Disposition"))
	switch {
	case disposition == "attachment" || !strings.HasPrefix(kind, "text/"):
		name := more["filename"]
		if name == "" {
			name = params["name"]
		}
		l.Files = append(l.Files, attachment{Name: decodeWords(name), Type: kind, Size: len(content)})
	case kind == "text/html" && l.HTML == "":
		l.HTML = inUTF8(content, params["charset"])
	case l.Text == "":
		l.Text = inUTF8(content, params["charset"])
	}
}

func transfer(encoding string, r io.Reader) io.Reader {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, r)
	case "quoted-printable":
		return quotedprintable.NewReader(r)
	}
	return r
}

func inUTF8(content []byte, charset string) string {
	if r, err := charsetReader(charset, bytes.NewReader(content)); err == nil {
		if b, err := io.ReadAll(r); err == nil {
			content = b
		}
	}
	return readable(string(content))
}

var tags = regexp.MustCompile(`(?s)<(style|script|title)\b.*?</(style|script|title)>|<[^>]*>`)

// words is what a search looks through.
func (l *letter) words() string {
	if l.Text != "" {
		return l.Text
	}
	return html.UnescapeString(tags.ReplaceAllString(l.HTML, " "))
}
