package events

import (
	"encoding/json"
	"fmt"
	"time"

	"duban/engine"
	"duban/engine/store"
)

// Event is a CloudEvent 1.0 in the JSON format, structured mode.
type Event struct {
	SpecVersion     string `json:"specversion"` // 1.0
	ID              string `json:"id"`          // hash of the history row: the same however often it comes
	Source          string `json:"source"`      // which Duban
	Type            string `json:"type"`        // duban.assignment.report.v1: workflow and event
	Subject         string `json:"subject"`     // slip number
	Time            string `json:"time"`        // of the step, RFC 3339, UTC
	Sequence        string `json:"sequence"`    // number of the history row, 20 digits: order as text is order of the steps
	DataContentType string `json:"datacontenttype"`
	Data            Data   `json:"data"`
}

// Data is what happened. Of a sensitive matter (敏感) it has the number alone.
type Data struct {
	Slip       string `json:"slip"`
	Workflow   string `json:"workflow,omitempty"`
	Kind       string `json:"kind,omitempty"`    // assignment, series, round …
	Event      string `json:"event,omitempty"`   // report, timer, start …
	Timer      string `json:"timer,omitempty"`   // which one, when Event is timer
	State      string `json:"state,omitempty"`   // after the step
	Was        string `json:"was,omitempty"`     // before it; absent at the start
	Version    int    `json:"version,omitempty"` // counts the steps of the instance
	By         string `json:"by,omitempty"`      // person id; never a name
	For        string `json:"for,omitempty"`     // the unit that the office filled in for
	Plan       string `json:"plan,omitempty"`
	Item       string `json:"item,omitempty"`
	Occurrence string `json:"occurrence,omitempty"`
	Unit       string `json:"unit,omitempty"` // the lead unit when it was published
}

// contentType is that of a structured CloudEvent.
const contentType = "application/cloudevents+json; charset=utf-8"

// newEvent words a committed step for other systems. What people wrote stays here.
func newEvent(source string, c *store.Change) (Event, error) {
	var ev engine.Event
	if err := json.Unmarshal([]byte(c.Event), &ev); err != nil {
		return Event{}, fmt.Errorf("events: history row %d: %w", c.Seq, err)
	}
	e := Event{
		SpecVersion: "1.0", ID: c.Hash, Source: source, Type: "duban." + c.Workflow + "." + string(ev.Kind) + ".v1", Subject: c.Slip,
		Time: c.Time().UTC().Format(time.RFC3339Nano), Sequence: fmt.Sprintf("%020d", c.Seq), DataContentType: "application/json",
		Data: Data{Slip: c.Slip},
	}
	if !c.Sensitive {
		e.Data = Data{Slip: c.Slip, Workflow: c.Workflow, Kind: c.Kind, Event: string(ev.Kind), Timer: ev.Timer, State: c.State, Was: c.Was,
			Version: c.Version, By: ev.By.Person, For: ev.By.For, Plan: c.Plan, Item: c.Item, Occurrence: c.Occurrence, Unit: c.Unit}
	}
	return e, nil
}

// subject is duban.events.assignment.in_progress. Names of workflows and states
// are small letters, digits, _ and -, so each is one token.
func subject(c *store.Change) string { return subjects + c.Workflow + "." + c.State }
