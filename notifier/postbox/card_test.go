package postbox

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestCardsAreHeldToTheVendorsRules(t *testing.T) {
	const fact = `{"keyname":"时限","value":"7月31日"}`
	const jump = `{"type":1,"title":"打开","url":"https://a.example"}`
	many := func(one string, n int) string { return strings.TrimSuffix(strings.Repeat(one+",", n), ",") }
	card := func(more string) string {
		return `{"card_type":"text_notice","main_title":{"title":"同意延期"}` + more + `}`
	}
	const action = `,"card_action":{"type":1,"url":"https://a.example"}`
	for name, c := range map[string]struct{ card, words string }{
		"whole":                  {card(action + `,"horizontal_content_list":[` + many(fact, 6) + `],"jump_list":[` + many(jump, 3) + `]`), ""},
		"nothing":                {"null", "missing field template_card."},
		"another kind":           {strings.Replace(card(action), "text_notice", "news_notice", 1), "card_type is not text_notice"},
		"no title":               {strings.Replace(card(action), "同意延期", "", 1), "missing field template_card.main_title.title"},
		"no action":              {card(""), "missing field template_card.card_action"},
		"action without a page":  {card(`,"card_action":{"type":1}`), "card_action.url"},
		"seven lines":            {card(action + `,"horizontal_content_list":[` + many(fact, 7) + `]`), "horizontal_content_list exceed max length 6"},
		"four links":             {card(action + `,"jump_list":[` + many(jump, 4) + `]`), "jump_list exceed max length 3"},
		"a line without a name":  {card(action + `,"horizontal_content_list":[{"value":"x"}]`), "horizontal_content_list.keyname"},
		"a link without a title": {card(action + `,"jump_list":[{"type":1,"url":"https://a.example"}]`), "jump_list.title"},
	} {
		var p post
		if err := json.Unmarshal([]byte(`{"msgtype":"template_card","template_card":`+c.card+`}`), &p); err != nil {
			t.Fatal(name, err)
		}
		no := p.Card.refused()
		if (no.code == 0) != (c.words == "") || no.code != 0 && (no.code != 40058 || !strings.Contains(no.words, c.words)) {
			t.Errorf("%s: %+v, want %q", name, no, c.words)
		}
	}
}
