// Package text finds the Chinese words of every message: what a reason says to
// a head, a liaison, a leader or the office, as mail and as a WeCom text.
//
// It is pure. Everything a sentence needs stands in a [Digest]; no clock is
// read and nothing is looked up, so a preview shows the very words that go out.
package text

import (
	"maps"
	"slices"

	"duban/engine/calendar"
)

// Line is one notice as a template sees it.
type Line struct {
	ID            string            // notice id, carried to the receiver
	Reason, Title string            // overdue, 催办
	Gravity       int               // the reason's order within a digest: higher first
	Late          bool              // speaks of lateness: never into a group
	Slip          string            // 督办编号
	Plan, Item    string            // plan title without 《》; 三.(一).1
	Heading       string            // the matter
	When          string            // the time words as the document prints them
	Unit          string            // lead unit
	Coop          bool              // the receiver's unit only cooperates
	Frame         bool              // a range: Due is its end, not a deadline to remind of
	Due           calendar.Date     // the deadline on paper
	Effective     calendar.Date     // the day that counts, after the roll rule
	Left          int               // work days to Effective; negative: overdue by
	Light         string            // the matter's light: green, yellow, orange, red; "": judged by Left
	Period        string            // the occurrence: 2023年第一季度, 2023年5月 …
	Need, Done    int               // ticks a period asks for, and has
	Chased        int               // reminders of lateness so far, this one included
	Asks          int               // round: matters asked about
	Words         map[string]string // people's text: progress, difficulty, reason, result, text, suggestion, due (2006-01-02), by
	Extra         map[string]string // counts: due_week, overdue, phone, decide, waiting, silent, named, undated, unassigned, units
	Sensitive     bool              // 敏感: number only
	Why           string            // one sentence why Effective is not Due, "" when it is
	Link          string            // http(s) page of the matter, "" without a web address
	Resent        bool              // 补发
	For           string            // who the receiver stands in for: 高淑芬, "" usually
}

// The groups a digest can go to.
const (
	GroupUnit   = "unit"   // a unit's own group
	GroupShared = "shared" // the group of all units: neutral counts only
)

// Digest is one message to one person or group.
type Digest struct {
	Office, Phone, School string // who sends: office, its telephone, school
	Name, Title, Unit     string // who receives: 王芳, 联络员, 教务处
	Group                 string // "" a person, or GroupUnit, GroupShared
	Date                  calendar.Date
	Lines                 []Line
	CardURL               string // the page that a card opens; "" makes no cards
	Late                  bool   // speaks of lateness as a whole: WeCom says nothing
}

// Reasons lists the reasons that have words of their own, sorted. Any other
// reason gets a general sentence.
func Reasons() []string { return slices.Sorted(maps.Keys(wordings)) }
