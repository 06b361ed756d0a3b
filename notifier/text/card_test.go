package text_test

import (
	"encoding/json"
	"strings"
	"testing"

	"duban/notifier/text"
)

// toGroup is a notice as a message to a group, with a page for cards to open.
func toGroup(t *testing.T, n notice, group string) text.Digest {
	d := n.digest(t)
	d.Group, d.CardURL = group, "https://duban.fzpc.example"
	return d
}

// News is a card, whatever asks for something is a text.
func TestWhatIsACard(t *testing.T) {
	cards := map[string]bool{"extended": true, "suspended": true, "cancelled": true, "thanks": true}
	for _, n := range notices(t) {
		for _, p := range text.WeCom(toGroup(t, n, text.GroupUnit), 2048) {
			if want := cards[n.file()]; want != (p.Card != nil) && n.to != "office" && n.line.Reason != "round_notice" {
				t.Errorf("%s is a card: %v, want %v", n.file(), p.Card != nil, want)
			}
			if p.Card != nil && p.Mention {
				t.Errorf("%s is a card that should mention somebody", n.file())
			}
		}
	}
}

func TestCardsReadAsWritten(t *testing.T) {
	for _, n := range notices(t) {
		group := text.GroupUnit
		switch n.file() {
		case "round_notice":
			group = text.GroupShared
		case "extended", "suspended", "cancelled", "thanks":
		default:
			continue
		}
		parts := text.WeCom(toGroup(t, n, group), 2048)
		if len(parts) != 1 || parts[0].Card == nil {
			t.Fatalf("%s is no card: %+v", n.file(), parts)
		}
		b, err := json.MarshalIndent(parts[0].Card, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "card_"+n.file(), string(b)+"\n")
		if strings.Contains(string(b), "/a/") || strings.Contains(string(b), "王芳") || strings.Contains(string(b), "陈志强") {
			t.Errorf("a person or a personal link in %s", b)
		}
	}
}

func TestWhatStaysAText(t *testing.T) {
	thanks := notice{today: "2023-06-16", due: "2023-06-30", line: selfCheck("thanks", "感谢", 5, 9)}
	for name, change := range map[string]func(*text.Digest){
		"no page":        func(d *text.Digest) { d.CardURL = "" },
		"no web address": func(d *text.Digest) { d.CardURL = "javascript:alert(1)" },
		"a person":       func(d *text.Digest) { d.Group = "" },
		"all units":      func(d *text.Digest) { d.Group = text.GroupShared },
		"two matters": func(d *text.Digest) {
			l := d.Lines[0]
			l.ID, l.Slip = "9-1-0", "2023-0009"
			d.Lines = append(d.Lines, l)
		},
		"too long a text": func(d *text.Digest) {
			d.Lines[0].Reason = "cancelled"
			d.Lines[0].Words = map[string]string{"reason": strings.Repeat("合并办理", 40)}
		},
		"many notices": func(d *text.Digest) { l := d.Lines[0]; l.ID = "1024567-33-10"; d.Lines = append(d.Lines, l, l) },
	} {
		d := toGroup(t, thanks, text.GroupUnit)
		change(&d)
		parts := text.WeCom(d, 2048)
		if len(parts) == 0 || parts[0].Card != nil || parts[0].Text == "" {
			t.Errorf("%s: %+v", name, parts)
		}
	}
}
