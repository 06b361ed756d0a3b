// Package control is the local door to the data of duban: a socket that the
// running service answers, and the client that the commands use. Without a
// service the same requests are answered inside the process ([Inside]), so
// there is one way in which a plan is added or an act applied.
package control

import (
	"errors"
	"net/http"
	"path/filepath"

	"duban/cmd/duban/internal/app"
	"duban/engine/fault"
)

// Socket is the file of the socket in a data folder.
func Socket(dir string) string { return filepath.Join(dir, "duban.sock") }

// maxPlan bounds the bytes of a plan file.
const maxPlan = 16 << 20

// Kind says what to make of a Problem.
type Kind string

// The kinds of problem.
const (
	Usage    Kind = "usage"    // the caller asked for something that does not exist or make sense
	Refused  Kind = "refused"  // the workflow does not allow the act now, or not to this person
	Conflict Kind = "conflict" // somebody else acted first
	Failed   Kind = "failed"   // the request was right, but could not be carried out
)

// Problem is why a request was not carried out, as it crosses the socket.
type Problem struct {
	Kind   Kind       `json:"kind"`
	Words  string     `json:"words"` // for the person who asked
	Faults fault.List `json:"faults,omitempty"`
}

// Error is the words.
func (p *Problem) Error() string { return p.Words }

// status only tells success from failure: clients go by the kind.
func (p *Problem) status() int {
	switch p.Kind {
	case Usage:
		return http.StatusBadRequest
	case Refused, Conflict:
		return http.StatusConflict
	}
	return http.StatusInternalServerError
}

// problemOf takes every error to a problem.
func problemOf(err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	if l, ok := errors.AsType[fault.List](err); ok {
		return &Problem{Kind: Usage, Words: l.Error(), Faults: l}
	}
	return &Problem{Kind: Failed, Words: err.Error()}
}

// desk answers requests on an App.
type desk struct{ *app.App }
