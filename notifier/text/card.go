package text

import (
	"strings"
	"unicode/utf8"
)

// Card is a WeCom text_notice card: one piece of news that asks for nothing. A
// card can mention nobody, so whatever wants something done stays a text.
type Card struct {
	Source string     `json:"source"` // who sends: 效能办
	Title  string     `json:"title"`  // 【同意延期】2023-0005
	Desc   string     `json:"desc,omitempty"`
	Text   string     `json:"text"`
	Facts  []CardFact `json:"facts"`
	URL    string     `json:"url"` // opened by a tap; the vendor asks for one
}

// CardFact is one labelled line of a card.
type CardFact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// The vendor's limits of a card in characters. (It calls the lengths advice and
// cuts what is longer; what does not fit is sent as a text, whole.)
const (
	cardSource, cardTitle, cardDesc, cardText = 13, 26, 30, 112
	cardFacts, cardName, cardValue            = 6, 5, 26
)

// cardOf makes a card of a message that is one piece of news to a group, or nil
// when it asks for something, speaks of several matters or does not fit.
func cardOf(d Digest, lines []Line, p Part) *Card {
	page := webLink(d.CardURL)
	all := entries(d, lines)
	if page == "" || d.Group == "" || len(all) != 1 || p.Mention || asking(all) || len(all[0].Notes) > 0 {
		return nil
	}
	if d.Group == GroupShared && lines[0].Reason != "round_notice" {
		return nil
	}
	e := all[0]
	c := &Card{Source: safe(clean(d.Office, maxShort)), Title: safe("【" + e.Title + "】" + resent(e.Resent)), Text: safe(e.Says), URL: page}
	if d.Group == GroupUnit && e.Slip != "" {
		c.Title += safe(e.Slip)
		c.Desc = safe(clip(e.voice.Heading, cardDesc))
	} else {
		c.Title += safe(e.voice.round())
	}
	if e.voice.date() != 0 {
		c.Facts = append(c.Facts, CardFact{"时限", safe(e.voice.day(e.voice.date()))})
	}
	c.Facts = append(c.Facts, CardFact{strings.TrimSuffix(idLabel, "："), safe(strings.Join(e.IDs, "、"))})
	if !c.fits() {
		return nil
	}
	return c
}

func (c *Card) fits() bool {
	fits := func(s string, most int) bool { return utf8.RuneCountInString(s) <= most }
	for _, f := range c.Facts {
		if !fits(f.Name, cardName) || !fits(f.Value, cardValue) {
			return false
		}
	}
	return fits(c.Source, cardSource) && fits(c.Title, cardTitle) && fits(c.Desc, cardDesc) && fits(c.Text, cardText) && len(c.Facts) <= cardFacts
}
