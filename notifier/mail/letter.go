package mail

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	netmail "net/mail"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	simplemail "github.com/xhit/go-simple-mail/v2"

	"duban/notifier"
)

// maxID keeps a Message-ID on one header line; the library would fold before it.
const maxID = 62

// letter is one message ready for DATA.
type letter struct {
	to  string // envelope address
	raw string
}

// compose writes the letter. Its Message-ID depends on the key alone, so a
// retry is recognised as the same letter.
func (c *Channel) compose(m notifier.Message) (letter, error) {
	to, err := c.checkMessage(m)
	if err != nil {
		return letter{}, err
	}
	e := simplemail.NewMSG().SetFrom(c.from.String()).AddTo(to.String()).SetSubject(subject(m.Subject))
	// The library reads zone names, not offsets: only UTC survives.
	e.SetDate(m.At.UTC().Format("2006-01-02 15:04:05 UTC"))
	e.AddHeader("Message-ID", messageID("", m.Key, c.o.Domain))
	e.AddHeader("Auto-Submitted", "auto-generated")
	e.AddHeader("X-Auto-Response-Suppress", "All")
	e.AddHeader("X-Duban-Delivery", m.Key)
	if len(m.Notices) > 0 {
		e.AddHeader("X-Duban-Notices", strings.Join(m.Notices, ", ")) // the space is where a long list folds
	}
	if m.Thread != "" {
		root := messageID("task-", m.Thread, c.o.Domain)
		e.AddHeader("In-Reply-To", root)
		e.AddHeader("References", root)
	}
	e.SetBody(simplemail.TextPlain, m.Text)
	if m.HTML != "" {
		e.AddAlternative(simplemail.TextHTML, m.HTML)
	}
	if e.Error != nil {
		return letter{}, fmt.Errorf("mail: compose: %w", e.Error)
	}
	return letter{to: to.Address, raw: e.GetMessage()}, nil
}

// checkMessage refuses whatever could forge a header and returns the addressee.
// All faults are listed.
func (c *Channel) checkMessage(m notifier.Message) (*netmail.Address, error) {
	faults := []error{
		checkHeader("主题", m.Subject), checkHeader("收件人姓名", m.To.Name), checkHeader("收件人地址", m.To.Address),
		checkHeader("投递编号", m.Key), checkHeader("督办编号", m.Thread),
	}
	for _, id := range m.Notices {
		faults = append(faults, checkHeader("通知编号", id))
		if strings.ContainsAny(id, ", ") {
			faults = append(faults, fmt.Errorf("通知编号 %q 含有逗号或空格", id))
		}
	}
	if m.Key == "" {
		faults = append(faults, errors.New("缺少投递编号"))
	}
	if m.Text == "" {
		faults = append(faults, errors.New("正文为空"))
	}
	to, err := parseAddress(m.To.Address)
	if err := errors.Join(append(faults, err)...); err != nil {
		return nil, err
	}
	if m.To.Name != "" {
		to.Name = m.To.Name
	}
	return to, nil
}

func parseAddress(s string) (*netmail.Address, error) {
	a, err := netmail.ParseAddress(s)
	if err != nil {
		return nil, fmt.Errorf("收件人地址无效：%w", err)
	}
	if strings.ContainsFunc(a.Address, func(r rune) bool { return r > unicode.MaxASCII }) {
		return nil, fmt.Errorf("收件人地址 %q 含有非 ASCII 字符", a.Address)
	}
	return a, nil
}

func checkHeader(what, s string) error {
	if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return fmt.Errorf("%s含有换行或控制字符：%q", what, s)
	}
	return nil
}

// subject keeps words from being read as encoded words and single spaces
// between them: a folded line of nothing but spaces would end the header.
func subject(s string) string {
	words := strings.FieldsFunc(s, func(r rune) bool { return r == ' ' })
	return strings.ReplaceAll(strings.Join(words, " "), "=?", "= ?")
}

var dotAtom = regexp.MustCompile(`^[A-Za-z0-9_+=-]+(\.[A-Za-z0-9_+=-]+)*$`)

// messageID is <prefix+name@domain>. A name that is too long or is not a legal
// atom is replaced by its hash as a whole, so that two names never share an id.
func messageID(prefix, name, domain string) string {
	id := "<" + prefix + name + "@" + domain + ">"
	if dotAtom.MatchString(name) && len(id) <= maxID {
		return id
	}
	sum := sha256.Sum256([]byte(name))
	return "<" + prefix + hex.EncodeToString(sum[:12]) + "@" + domain + ">"
}
