package wecom

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"duban/notifier"
)

// The vendor's limits of one message, in bytes of UTF-8. (Servers have been
// seen to take longer texts; the document is what can be relied on.)
const (
	MaxText     = 2048
	MaxMarkdown = 4096
)

type payload struct {
	Type     string        `json:"msgtype"`
	Text     *textBody     `json:"text,omitempty"`
	Markdown *markdownBody `json:"markdown,omitempty"`
	Card     *cardBody     `json:"template_card,omitempty"`
}

type textBody struct {
	Content   string   `json:"content"`
	Mentioned []string `json:"mentioned_list,omitempty"`
}

type markdownBody struct {
	Content string `json:"content"`
}

// compose is the JSON of a message: the same bytes on every attempt.
func compose(m notifier.Message) ([]byte, error) {
	if err := checkMentions(m.To.Mention); err != nil {
		return nil, err
	}
	if !utf8.ValidString(m.Text) {
		return nil, errors.New("消息正文不是有效的 UTF-8")
	}
	if strings.TrimSpace(m.Text) == "" {
		return nil, errors.New("消息正文为空")
	}
	if m.Card != nil {
		return composeCard(m)
	}
	if m.Markdown {
		return composeMarkdown(m)
	}
	if len(m.Text) > MaxText {
		return nil, tooLong(len(m.Text), MaxText)
	}
	return encode(payload{Type: "text", Text: &textBody{Content: m.Text, Mentioned: m.To.Mention}})
}

// composeMarkdown writes mentions into the content: markdown has no
// mentioned_list, and nobody can be mentioned as "all" there.
func composeMarkdown(m notifier.Message) ([]byte, error) {
	content := m.Text
	for _, id := range m.To.Mention {
		if id == "@all" {
			return nil, errors.New("markdown 消息不能提醒所有人")
		}
		if mention := "<@" + id + ">"; !strings.Contains(m.Text, mention) {
			content += mention
		}
	}
	if len(content) > MaxMarkdown {
		return nil, tooLong(len(content), MaxMarkdown)
	}
	return encode(payload{Type: "markdown", Markdown: &markdownBody{Content: content}})
}

func tooLong(size, limit int) error {
	return fmt.Errorf("消息过长（too long）：%d 字节，上限 %d 字节；应先分条", size, limit)
}

// userID is the vendor's rule for member accounts; it also admits "@all".
var userID = regexp.MustCompile(`^[0-9A-Za-z_.@-]{1,64}$`)

func checkMentions(ids []string) error {
	for _, id := range ids {
		if !userID.MatchString(id) {
			return fmt.Errorf("成员账号 %q 无效", id)
		}
	}
	return nil
}

// encode leaves < and > as they are, so that byte counts are the reader's.
func encode(p payload) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(p); err != nil {
		return nil, fmt.Errorf("wecom: encode: %w", err)
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}
