package wecom

import (
	"errors"
	"fmt"
	"strings"

	"duban/notifier"
)

// The vendor's hard limits of a card's lists.
const (
	maxFacts = 6
)

type cardBody struct {
	Type   string       `json:"card_type"`
	Source *cardSource  `json:"source,omitempty"`
	Main   cardTitle    `json:"main_title"`
	Sub    string       `json:"sub_title_text,omitempty"`
	Facts  []cardFact   `json:"horizontal_content_list,omitempty"`
	Jumps  []cardAction `json:"jump_list,omitempty"`
	Action cardAction   `json:"card_action"`
}

type cardSource struct {
	Desc  string `json:"desc"`
	Color int    `json:"desc_color"` // 0: grey
}

type cardTitle struct {
	Title string `json:"title"`
	Desc  string `json:"desc,omitempty"`
}

type cardFact struct {
	Name  string `json:"keyname"`
	Value string `json:"value"`
}

type cardAction struct {
	Type  int    `json:"type"` // 1: a web page
	Title string `json:"title,omitempty"`
	URL   string `json:"url"`
}

// composeCard is a text_notice card. Whoever must be mentioned cannot be told by
// a card, so that is refused.
func composeCard(m notifier.Message) ([]byte, error) {
	c := m.Card
	switch {
	case len(m.To.Mention) > 0:
		return nil, errors.New("卡片消息不能提醒成员，应改用文本")
	case !strings.HasPrefix(c.URL, "http://") && !strings.HasPrefix(c.URL, "https://"):
		return nil, errors.New("卡片消息缺少跳转地址")
	case strings.TrimSpace(c.Title) == "":
		return nil, errors.New("卡片消息缺少标题")
	case len(c.Facts) > maxFacts:
		return nil, fmt.Errorf("卡片列表过长（too long）：%d 行，上限 %d 行", len(c.Facts), maxFacts)
	}
	body := &cardBody{Type: "text_notice", Main: cardTitle{c.Title, c.Desc}, Sub: c.Text,
		Jumps: []cardAction{{1, "打开督办系统", c.URL}}, Action: cardAction{Type: 1, URL: c.URL}}
	if c.Source != "" {
		body.Source = &cardSource{Desc: c.Source}
	}
	for _, f := range c.Facts {
		body.Facts = append(body.Facts, cardFact{f.Name, f.Value})
	}
	return encode(payload{Type: "template_card", Card: body})
}
