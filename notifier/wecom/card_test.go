package wecom_test

import (
	"strings"
	"testing"

	"duban/notifier"
	"duban/notifier/text"
)

func card(change func(*notifier.Message)) notifier.Message {
	m := message()
	m.To.Mention = nil
	m.Card = &text.Card{Source: "效能办", Title: "【感谢】2023-0005", Desc: "半年自查", Text: "“半年自查”已提前办结。",
		Facts: []text.CardFact{{Name: "编号", Value: "1-2-1"}}, URL: "https://duban.example"}
	if change != nil {
		change(&m)
	}
	return m
}

func TestCard(t *testing.T) {
	r := newRobot(t, says(200, `{"errcode":0,"errmsg":"ok"}`))
	if got := channel(t, r.URL, nil).Send(t.Context(), card(nil)); got.Class != notifier.Accepted {
		t.Fatalf("got %+v", got)
	}
	const want = `{"msgtype":"template_card","template_card":{"card_type":"text_notice","source":{"desc":"效能办","desc_color":0},` +
		`"main_title":{"title":"【感谢】2023-0005","desc":"半年自查"},"sub_title_text":"“半年自查”已提前办结。",` +
		`"horizontal_content_list":[{"keyname":"编号","value":"1-2-1"}],"jump_list":[{"type":1,"title":"打开督办系统","url":"https://duban.example"}],` +
		`"card_action":{"type":1,"url":"https://duban.example"}}}`
	if got := r.posts()[0]; got != want {
		t.Errorf("posted %s", got)
	}
}

// What the vendor would refuse, or cannot do, is not sent at all.
func TestCardsThatCannotBe(t *testing.T) {
	r := newRobot(t, says(200, `{"errcode":0,"errmsg":"ok"}`))
	c := channel(t, r.URL, nil)
	for words, change := range map[string]func(*notifier.Message){
		"不能提醒成员": func(m *notifier.Message) { m.To.Mention = []string{"wangfang"} },
		"缺少跳转地址": func(m *notifier.Message) { m.Card.URL = "" },
		"缺少标题":   func(m *notifier.Message) { m.Card.Title = " " },
		"上限 6 行": func(m *notifier.Message) { m.Card.Facts = make([]text.CardFact, 7) },
	} {
		if got := c.Send(t.Context(), card(change)); got.Class != notifier.Permanent || !strings.Contains(got.Words, words) {
			t.Errorf("%s: %+v", words, got)
		}
	}
	if n := len(r.posts()); n != 0 {
		t.Errorf("%d were posted", n)
	}
}
