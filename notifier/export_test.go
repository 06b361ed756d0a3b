package notifier

import (
	"time"

	"duban/notifier/text"
)

// SetLetter replaces the words of mails; SetStall how long Flush waits for an
// outcome before it takes everything back.
func (n *Notifier) SetLetter(f func(text.Digest) (subject, plain, html string)) { n.letter = f }

// SetLimit is how long a bus may leave a post unacknowledged.
func (b *JetStream) SetLimit(d time.Duration) { b.limit = d }

// SetStall is for buses that lose what they were given.
func (n *Notifier) SetStall(d time.Duration) { n.stall = d }
