package postbox

import (
	"fmt"
	"html/template"
	"strings"
)

// The real lengths of a card's lists; longer ones are refused. Lengths of its
// texts are the vendor's advice: what is longer is cut on the phone.
const (
	cardFacts = 6
	cardJumps = 3
)

// postedCard is a template card, as far as robots may send one.
type postedCard struct {
	Type   string `json:"card_type"`
	Source struct {
		Desc string `json:"desc"`
	} `json:"source"`
	Main struct {
		Title string `json:"title"`
		Desc  string `json:"desc"`
	} `json:"main_title"`
	Sub   string `json:"sub_title_text"`
	Facts []struct {
		Name  string `json:"keyname"`
		Value string `json:"value"`
	} `json:"horizontal_content_list"`
	Jumps  []cardLink `json:"jump_list"`
	Action *cardLink  `json:"card_action"`
}

type cardLink struct {
	Type  int    `json:"type"`
	Title string `json:"title"`
	URL   string `json:"url"`
}

// refused says what the real endpoint would not take: fields that are missing
// and lists that are too long.
func (c *postedCard) refused() refusal {
	bad := func(what string) refusal { return refusal{40058, what + ". invalid Request Parameter"} }
	switch {
	case c == nil:
		return bad("missing field template_card")
	case c.Type != "text_notice":
		return bad("template_card.card_type is not text_notice")
	case c.Main.Title == "" && c.Sub == "":
		return bad("missing field template_card.main_title.title")
	case c.Action == nil:
		return bad("missing field template_card.card_action")
	case c.Action.Type != 1 || !strings.HasPrefix(c.Action.URL, "http"):
		return bad("template_card.card_action.url is no address")
	case len(c.Facts) > cardFacts:
		return bad(fmt.Sprintf("template_card.horizontal_content_list exceed max length %d", cardFacts))
	case len(c.Jumps) > cardJumps:
		return bad(fmt.Sprintf("template_card.jump_list exceed max length %d", cardJumps))
	}
	for _, f := range c.Facts {
		if f.Name == "" {
			return bad("missing field template_card.horizontal_content_list.keyname")
		}
	}
	for _, j := range c.Jumps {
		if j.Title == "" || j.Type == 1 && j.URL == "" {
			return bad("missing field template_card.jump_list.title")
		}
	}
	return refusal{}
}

// words is the card as plain lines, for lists and searches.
func (c *postedCard) words() string {
	lines := []string{c.Main.Title, c.Main.Desc, c.Sub}
	for _, f := range c.Facts {
		lines = append(lines, f.Name+"："+f.Value)
	}
	return strings.Join(lines, "\n")
}

var cardPage = template.Must(template.New("card").Parse(`<div class="card">{{with .Source.Desc}}<p class="card-source">{{.}}</p>{{end -}}
<p class="card-title">{{.Main.Title}}</p>{{with .Main.Desc}}<p class="card-desc">{{.}}</p>{{end -}}
{{with .Sub}}<p class="card-text">{{.}}</p>{{end -}}
{{with .Facts}}<dl>{{range .}}<dt>{{.Name}}</dt><dd>{{.Value}}</dd>{{end}}</dl>{{end -}}
{{range .Jumps}}<p class="card-jump"><a href="{{.URL}}" rel="noreferrer">{{.Title}}</a></p>{{end}}</div>`))

// renderCard shows a card as its receivers see it.
func renderCard(c *postedCard) (template.HTML, error) {
	var b strings.Builder
	if err := cardPage.Execute(&b, c); err != nil {
		return "", err
	}
	return template.HTML(b.String()), nil
}
