// Package plan holds plan documents as read: who must do what by when.
//
// A [Plan] comes from a plan file, which the office has confirmed ([Load]), or
// from a document. It says what is printed and nothing else: what the office
// decides besides (a day of issue, a date, a lead) is kept apart from it.
package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"path"
	"strings"

	"duban/engine/calendar"
)

// Plan is one document (计划).
type Plan struct {
	Source   string        `json:"source" yaml:"source,omitempty"` // file name of the document
	Title    string        `json:"title" yaml:"title,omitempty"`
	Issuer   string        `json:"issuer" yaml:"issuer,omitempty"`
	Issued   calendar.Date `json:"issued" yaml:"issued,omitempty"` // zero when no day is printed
	Year     int           `json:"year" yaml:"year,omitempty"`     // the year that bare months belong to
	Until    calendar.Date `json:"until" yaml:"until,omitempty"`   // end of the time the plan covers; zero when not said
	Party    *bool         `json:"party,omitempty" yaml:"party,omitempty"`
	Items    []Item        `json:"items" yaml:"items"`
	Warnings []string      `json:"warnings,omitempty" yaml:"warnings,omitempty"`
}

// Item is one numbered duty of a plan (事项), with the document's own words.
type Item struct {
	No          string        `json:"no" yaml:"no"` // as printed in the hierarchy: 三.(一).1
	Section     string        `json:"section" yaml:"section,omitempty"`
	Heading     string        `json:"heading" yaml:"heading,omitempty"`
	Text        string        `json:"text" yaml:"text,omitempty"`
	Type        string        `json:"type" yaml:"type,omitempty"`                    // task, milestone, duty, goal, closing or ""
	Lead        []string      `json:"lead" yaml:"lead,flow,omitempty"`               // 牵头, as printed
	Cooperating []string      `json:"cooperating" yaml:"cooperating,flow,omitempty"` // 配合, as printed
	Leader      []string      `json:"leader" yaml:"leader,flow,omitempty"`           // responsible school leaders, as printed
	Deadlines   []Deadline    `json:"deadlines" yaml:"deadlines,omitempty"`
	Quantities  []Quantity    `json:"quantities" yaml:"quantities,omitempty"`
	Warnings    []string      `json:"warnings" yaml:"warnings,omitempty"`
	Places      []Place       `json:"places,omitempty" yaml:"-"`                    // where the words stand in the document
	Workflow    string        `json:"workflow,omitempty" yaml:"workflow,omitempty"` // a definition's name; "" lets the deadline decide
	Usual       calendar.Date `json:"usual,omitzero" yaml:"usual,omitempty"`        // when the event that the item waits for usually is
	Roll        calendar.Roll `json:"roll,omitempty" yaml:"roll,omitempty"`         // "" is before
	Decided     *Decision     `json:"decided,omitempty" yaml:"decided,omitempty"`   // by the office; nil: nothing
	Runs        []string      `json:"runs,omitempty" yaml:"runs,omitempty"`         // what the keys of its assignments begin with, the newest last, once the plan was revised
}

// Prefixes are what the keys of an item's assignments in the plan of a name
// begin with, the newest last.
func (it *Item) Prefixes(plan string) []string {
	if len(it.Runs) > 0 {
		return it.Runs
	}
	return []string{plan + "/" + it.No}
}

// Place is where words of an item stand in its document. Page and Line are those
// of the block, as the reader of the format counts them; From and To are bytes
// within the block's text and both 0 where it has none, as in a table.
type Place struct {
	Field string `json:"field"` // heading, text, lead, cooperating, leader or deadline
	Page  int    `json:"page,omitempty"`
	Line  int    `json:"line,omitempty"`
	From  int    `json:"from"`
	To    int    `json:"to"`
}

// Kind says how a deadline binds.
type Kind string

// The kinds of deadline.
const (
	Point   Kind = "point"   // by a day
	Range   Kind = "range"   // from a day to a day: a frame
	Cadence Kind = "cadence" // again and again
	Open    Kind = "open"    // 定期, 适时: words without a time
)

// Deadline is one time expression of an item (时限).
type Deadline struct {
	Text     string        `json:"text" yaml:"text"` // as printed
	Kind     Kind          `json:"kind" yaml:"kind"`
	Start    calendar.Date `json:"start" yaml:"start,omitempty"`         // zero for "by" dates
	End      calendar.Date `json:"end" yaml:"end,omitempty"`             // inclusive; zero while an event is awaited
	Cadence  string        `json:"cadence" yaml:"cadence,omitempty"`     // ISO 8601 period (P1M), term or event
	Count    int           `json:"count" yaml:"count,omitempty"`         // how often a period; 0 when no number is tied to it
	AtLeast  bool          `json:"at_least" yaml:"at_least,omitempty"`   // 至少, 不少于
	Trigger  string        `json:"trigger" yaml:"trigger,omitempty"`     // event, lunar or ""
	AltStart calendar.Date `json:"alt_start" yaml:"alt_start,omitempty"` // a second, looser reading
	AltEnd   calendar.Date `json:"alt_end" yaml:"alt_end,omitempty"`
}

// Quantity is a number that an item asks for.
type Quantity struct {
	Text    string `json:"text" yaml:"text"`             // as printed
	Count   int    `json:"count" yaml:"count,omitempty"` // 0 when there is none to count by: 3-4个
	Unit    string `json:"unit" yaml:"unit,omitempty"`
	AtLeast bool   `json:"at_least" yaml:"at_least,omitempty"`
}

// Key is a short name of the plan that stays when its content changes: the
// document's file name without folder and extension, else a hash of the title.
func (p *Plan) Key() string {
	name := path.Base(strings.ReplaceAll(p.Source, `\`, "/"))
	if ext := path.Ext(name); isExtension(ext) && ext != name {
		name = strings.TrimSuffix(name, ext)
	}
	if name != "" && name != "." && name != "/" && name != "-" {
		return name
	}
	sum := sha256.Sum256([]byte(p.Title))
	return hex.EncodeToString(sum[:4])
}

// isExtension tells .docx from the rest of a name such as 要点2023.3印发.
func isExtension(s string) bool {
	if len(s) < 2 || len(s) > 6 {
		return false
	}
	for _, r := range s[1:] {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') {
			return false
		}
	}
	return strings.ContainsFunc(s, func(r rune) bool { return r > '9' })
}

// Digest is the hex SHA-256 of what the plan says. The name of its file and
// the reader's warnings and places do not change it.
func (p *Plan) Digest() string {
	bare := *p
	bare.Source, bare.Warnings = "", nil
	bare.Items = make([]Item, len(p.Items))
	for i, it := range p.Items {
		it.Warnings, it.Places = nil, nil
		bare.Items[i] = it
	}
	text, err := json.Marshal(&bare)
	if err != nil { // a struct of texts, numbers and dates always has a JSON form
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// IsParty says whether the plan's principal is the Party secretary. A plan file
// may say so itself; otherwise title and issuer tell.
func (p *Plan) IsParty() bool {
	if p.Party != nil {
		return *p.Party
	}
	names := strings.ReplaceAll(p.Title+"\n"+p.Issuer, "党政", "") // 党政办公室 serves both sides
	for _, mark := range []string{"党", "中共", "统战", "组织宣传", "组织、宣传"} {
		if strings.Contains(names, mark) {
			return true
		}
	}
	return false
}

// Line is the line or block of the document that the item begins in; 0 when it
// is not known.
func (it Item) Line() int {
	if len(it.Places) == 0 {
		return 0
	}
	return it.Places[0].Line
}

// Item is the item with a number as printed.
func (p *Plan) Item(no string) (Item, bool) {
	for _, it := range p.Items {
		if it.No == no {
			return it, true
		}
	}
	return Item{}, false
}
