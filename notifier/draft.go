package notifier

import (
	"time"

	"duban/engine"
	"duban/engine/store"
)

// Draft is a notice with the matter as it stands and the way it goes.
type Draft struct {
	Matter engine.Instance
	Notice store.Notice
	Route  Route
}

// Draft writes the messages that notices with one queue and one moment become,
// without sending or storing anything: what a preview shows is what goes out.
func (n *Notifier) Draft(drafts []Draft, now time.Time) ([]Message, error) {
	d := &digest{route: drafts[0].Route}
	today := n.Calendar.DateOf(now)
	for i := range drafts {
		x := &drafts[i]
		r, err := n.reason(&x.Matter, x.Notice.Reason)
		if err != nil {
			return nil, err
		}
		d.notices = append(d.notices, x.Notice)
		d.lines = append(d.lines, n.line(&x.Matter, &x.Notice, r, today))
	}
	return n.render(d, now), nil
}

// RouteOf finds the receiver of a notice of a matter on the day it may go.
func (n *Notifier) RouteOf(in *engine.Instance, no *store.Notice, now time.Time) (Route, bool, error) {
	r, err := n.reason(in, no.Reason)
	if err != nil {
		return Route{}, false, err
	}
	router := n.router()
	route, ok := router.Find(wanted(no, in, r), n.Calendar.DateOf(now))
	return route, ok, nil
}
