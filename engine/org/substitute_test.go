package org_test

import (
	"strings"
	"testing"

	"duban/engine/org"
)

// 教务处: 甲 leads, 乙 is named at the post, 丙 stands in for 乙 wherever he is,
// 丁 for 丙. The office has two staff.
const pairs = `
name: 某学院
units:
  - {name: 效能办, kind: department, office: true}
  - {name: 教务处, kind: department}
people:
  - {id: jia, name: 甲, mail: jia@demo.example, substitute: ding}
  - {id: yi, name: 乙, mail: yi@demo.example, substitute: bing}
  - {id: bing, name: 丙, mail: bing@demo.example}
  - {id: ding, name: 丁, mail: ding@demo.example}
  - {id: wu, name: 戊, mail: wu@demo.example}
  - {id: ji, name: 己, mail: ji@demo.example}
posts:
  - {unit: 教务处, role: head, person: jia, substitute: yi}
  - {unit: 教务处, role: liaison, person: yi}
  - {unit: 效能办, role: staff, person: wu}
  - {unit: 效能办, role: staff, person: ji}
leave:
  - {person: jia, from: 2023-05-08, to: 2023-06-16}
  - {person: yi, from: 2023-05-15, to: 2023-05-31}
  - {person: ding, from: 2023-05-22, to: 2023-05-31}
  - {person: bing, from: 2023-05-24, to: 2023-05-24}
  - {person: wu, from: 2023-05-08, to: 2023-05-12}
`

func TestSubstitutesInTurn(t *testing.T) {
	o, faults := org.Load("org.yaml", []byte(pairs))
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ role, on, want string }{
		{"lead.head", "2023-05-07", "甲"},
		{"lead.head", "2023-05-08", "乙 for 甲"},
		{"lead.head", "2023-05-15", "丁 for 甲, not 乙"},    // 乙 of the post is away, then 丁 of the person
		{"lead.head", "2023-05-22", "丙 for 甲, not 乙 丁"},  // both are away: 丙 stands in for 乙
		{"lead.head", "2023-05-24", "甲 away, not 乙 丁 丙"}, // nobody is left
		{"lead.head", "2023-06-01", "乙 for 甲"},           // the rest of the leave
		{"lead.head", "2023-06-17", "甲"},                 // back again
		{"lead.liaison", "2023-05-15", "丙 for 乙"},        // named at the person alone
		{"lead.liaison", "2023-05-24", "乙 away, not 丙"},  // both of a pair
		{"office", "2023-05-08", "己"},                    // a colleague is there: no leave without a substitute holds up the office
		{"office", "2023-05-13", "戊"},
	} {
		h, ok := o.Holder("教务处", tt.role, false, date(t, tt.on))
		got := h.Person.Name
		if h.For.Name != "" {
			got += " for " + h.For.Name
		}
		if h.Away {
			got += " away"
		}
		if len(h.Passed) > 0 {
			got += ", not " + strings.Join(h.Passed, " ")
		}
		if !ok || got != tt.want || (h.Via == "AB角") != (h.For.Name != "") {
			t.Errorf("%s on %s: %s, want %s", tt.role, tt.on, got, tt.want)
		}
	}
}

func TestWhoActsForWhom(t *testing.T) {
	o, faults := org.Load("org.yaml", []byte(pairs))
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ person, on, roles, sub string }{
		{"bing", "2023-05-14", "", ""},
		{"bing", "2023-05-15", "lead", "乙"},
		{"yi", "2023-05-08", "lead", ""}, // liaison himself: he acts in his own name
		{"ding", "2023-05-15", "lead", "甲"},
		{"ding", "2023-05-22", "", ""}, // away himself
		{"jia", "2023-05-15", "lead", ""},
	} {
		on := date(t, tt.on)
		roles := strings.Join(o.Roles(tt.person, "教务处", false, on), " ")
		sub := o.StandsInFor(tt.person, "教务处", false, on)["lead"].Name
		if roles != tt.roles || sub != tt.sub {
			t.Errorf("%s on %s: %q for %q, want %q for %q", tt.person, tt.on, roles, sub, tt.roles, tt.sub)
		}
	}
}

func TestPairsAwayTogetherAreWarnedOf(t *testing.T) {
	o, faults := org.Load("org.yaml", []byte(pairs))
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	want := `org.yaml:19:5: on 2023-05-24 甲 and 乙、丁、丙 are away together; nobody stands in as 教务处 head; move one leave, or name a further substitute
org.yaml:20:5: on 2023-05-24 乙 and 丙 are away together; nobody stands in as 教务处 liaison; move one leave, or name a further substitute`
	if got := o.Warnings().Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestSubstitutesInACircleAreRefused(t *testing.T) {
	for name, c := range map[string]struct{ old, now, want string }{
		"three": {"name: 丙, mail: bing@demo.example", "name: 丙, mail: bing@demo.example, substitute: yi",
			`org.yaml:8:46: substitutes stand in for each other in a circle: yi → bing → yi; leave one of them out; two who are each other's AB角 are named as substitute: at their posts
org.yaml:9:50: substitutes stand in for each other in a circle: bing → yi → bing; leave one of them out; two who are each other's AB角 are named as substitute: at their posts`},
		"oneself": {"name: 丙, mail: bing@demo.example", "name: 丙, mail: bing@demo.example, substitute: bing",
			"org.yaml:9:50: a person cannot stand in for themselves; name another person"},
		"nobody": {"substitute: bing}", "substitute: bign}",
			`org.yaml:8:46: unknown person "bign"; did you mean "bing"?`},
	} {
		_, faults := org.Load("org.yaml", []byte(strings.Replace(pairs, c.old, c.now, 1)))
		if got := faults.Error(); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
	// Two who are each other's AB角 at their posts are usual.
	mutual := strings.Replace(pairs, "role: liaison, person: yi}", "role: liaison, person: yi, substitute: jia}", 1)
	if _, faults := org.Load("org.yaml", []byte(mutual)); len(faults) > 0 {
		t.Error(faults)
	}
}
