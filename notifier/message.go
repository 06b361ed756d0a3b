// Package notifier tells people: outbox rows become deliveries, deliveries go
// over JetStream to channels, and what the far side said goes into the ledger.
// It never changes an instance's state.
package notifier

import (
	"context"
	"time"

	"duban/notifier/text"
)

// Message is one delivery as a channel sends it.
type Message struct {
	Key      string     `json:"key"`     // delivery key: Message-ID of a mail, the same on every retry
	Notices  []string   `json:"notices"` // ids of the notices inside, carried to the receiver
	To       Receiver   `json:"to"`
	Subject  string     `json:"subject,omitempty"`
	Text     string     `json:"text"`               // plain text; for wecom the whole content
	HTML     string     `json:"html,omitempty"`     // mail only
	Thread   string     `json:"thread,omitempty"`   // mail: slip number of the one assignment it is about
	Markdown bool       `json:"markdown,omitempty"` // wecom: Text is markdown; otherwise text with mentions
	Card     *text.Card `json:"card,omitempty"`     // wecom: sent instead of Text, which says the same
	At       time.Time  `json:"at"`                 // the Date header
}

// Receiver is where a message goes.
type Receiver struct {
	Person  string   `json:"person,omitempty"` // org person id; "" for a shared group
	Name    string   `json:"name,omitempty"`
	Unit    string   `json:"unit,omitempty"`
	For     string   `json:"for,omitempty"`     // who is on leave and is stood in for
	Address string   `json:"address,omitempty"` // mail address
	Robot   string   `json:"robot,omitempty"`   // robot name in the organisation
	Mention []string `json:"mention,omitempty"` // WeCom user ids
}

// Class is how an attempt ended, judged by the channel itself.
type Class string

// The classes of an attempt.
const (
	Accepted  Class = "accepted"
	Permanent Class = "permanent" // will never work as it is: dead letter
	Temporary Class = "temporary" // try again after the back-off
	Ambiguous Class = "ambiguous" // the far side may have it: try once more with the same key, then stop
	Paused    Class = "paused"    // the whole channel or robot must rest (rate limit, 535): no attempt is spent
)

// Result is what one attempt gave.
type Result struct {
	Class Class
	Code  string        // SMTP code or errcode, "" when there was none
	Words string        // the far side's own words, cut at 500 bytes
	Wait  time.Duration // at least this long before the next attempt; 0: the back-off decides
}

// Channel sends messages. A channel classifies its own failures and never
// retries by itself.
type Channel interface {
	// Name is mail or wecom: the subject its messages travel under.
	Name() string
	// Send makes one attempt, bounded by ctx.
	Send(ctx context.Context, m Message) Result
}
