package notifier

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"duban/engine"
	"duban/engine/store"
	"duban/notifier/text"
)

// pace spaces prompt notices: who has just had one gets the next ones together,
// in one message when the gap is over. It is filled from the store at the start,
// so that a restart does not forget it, and belongs to whoever plans.
type pace struct {
	gap  time.Duration
	last map[string]time.Time // by queue, of the last message with a prompt notice
}

func (n *Notifier) newPace(ctx context.Context) (*pace, error) {
	p := &pace{gap: n.Options.PromptGap, last: map[string]time.Time{}}
	recent, err := n.DB.PromptSince(ctx, n.Now().Add(-p.gap))
	if err != nil {
		return nil, fmt.Errorf("notifier: start: %w", err)
	}
	for _, d := range recent {
		p.went(queueOf(d.Robot, d.Person), d.CreatedTime())
	}
	return p, nil
}

func (p *pace) went(queue string, at time.Time) {
	if at.After(p.last[queue]) {
		p.last[queue] = at
	}
}

// next is when a queue may have its next prompt message. A last one that has not
// come yet, because the clock was set back, counts from now.
func (p *pace) next(queue string, now time.Time) time.Time {
	last, ok := p.last[queue]
	if !ok {
		return now
	}
	if last.After(now) {
		last = now
	}
	return last.Add(p.gap)
}

func (p *pace) forget(now time.Time) {
	maps.DeleteFunc(p.last, func(_ string, at time.Time) bool { return !at.Add(p.gap).After(now) })
}

// spaced is a notice whose receiver has just had a message.
type spaced struct {
	notice store.Notice
	line   text.Line
	until  time.Time
}

// space puts a prompt notice aside that comes too soon after the last one.
func (p *planner) space(no *store.Notice, line text.Line, route Route) bool {
	if no.Class != engine.Prompt {
		return false
	}
	until := p.pace.next(route.Queue(), p.tx.Now)
	if !until.After(p.tx.Now) {
		return false
	}
	p.aside[route.Queue()] = append(p.aside[route.Queue()], spaced{*no, line, until})
	return true
}

// settleAside lets what was put aside go along with a message that goes anyway;
// the rest waits for its time.
func (p *planner) settleAside() error {
	for _, queue := range slices.Sorted(maps.Keys(p.aside)) {
		d := p.byQueue[queue]
		for _, s := range p.aside[queue] {
			if d != nil {
				d.notices = append(d.notices, s.notice)
				d.lines = append(d.lines, s.line)
				continue
			}
			if err := p.tx.Postpone(s.notice.N, p.hours(s.until, false), s.notice.Why); err != nil {
				return err
			}
		}
	}
	return nil
}

// paced notes, once the planning is committed, who has got a prompt notice.
func (p *planner) paced() {
	p.pace.forget(p.tx.Now)
	for queue, d := range p.byQueue {
		for i := range d.notices {
			if d.notices[i].Class == engine.Prompt {
				p.pace.went(queue, p.tx.Now)
			}
		}
	}
}
