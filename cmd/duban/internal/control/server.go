package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"

	"duban/cmd/duban/internal/app"
	"duban/engine/calendar"
)

// Handler answers the requests of a [Client] on an App. Whoever reaches it may
// do everything: it belongs on a socket that only the owner can open.
func Handler(a *app.App) http.Handler {
	d := desk{a}
	mux := http.NewServeMux()
	mux.Handle("POST /plan", answer(readPlan, d.plan))
	mux.Handle("POST /plan/decide", answer(readJSON[Decide], d.decide))
	mux.Handle("POST /draft", answer(readJSON[Import], d.importDraft))
	mux.Handle("POST /draft/review", answer(readJSON[DraftRef], d.review))
	mux.Handle("POST /draft/decide", answer(readJSON[DraftDecision], d.decideDraft))
	mux.Handle("POST /draft/confirm", answer(readJSON[Confirm], d.confirm))
	mux.Handle("POST /draft/discard", answer(readJSON[DraftRef], d.discard))
	mux.Handle("POST /plan/versions", answer(readJSON[DraftRef], d.versions))
	mux.Handle("GET /drafts", answer(readNothing, d.drafts))
	mux.Handle("POST /aliases", answer(readJSON[AliasSet], d.setAliases))
	mux.Handle("GET /aliases", answer(readNothing, d.aliases))
	mux.Handle("POST /act", answer(readJSON[Act], d.act))
	mux.Handle("GET /outbox", answer(readQuery, d.list))
	mux.Handle("POST /outbox/resend", answer(readJSON[[]string], d.resend))
	mux.Handle("POST /outbox/release", answer(readNothing, d.release))
	return mux
}

// answer reads a request, does it, and writes what came of it as JSON.
func answer[In, Out any](read func(*http.Request) (In, error), do func(context.Context, In) (Out, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxPlan)
		in, err := read(r)
		var out any
		if err != nil {
			err = &Problem{Kind: Usage, Words: "the request cannot be read: " + err.Error()}
		} else {
			out, err = do(r.Context(), in)
		}
		w.Header().Set("Content-Type", "application/json")
		if err != nil {
			p := problemOf(err)
			w.WriteHeader(p.status())
			out = p
		}
		// When the client has gone nobody is left to be told.
		_ = json.NewEncoder(w).Encode(out)
	})
}

func readJSON[In any](r *http.Request) (in In, err error) {
	return in, json.NewDecoder(r.Body).Decode(&in)
}

func readNothing(*http.Request) (none struct{}, err error) { return none, nil }

// readPlan takes the bytes of the file from the body and the rest from the address.
func readPlan(r *http.Request) (PlanFile, error) {
	v := r.URL.Query()
	f := PlanFile{Name: v.Get("name")}
	var errs [3]error
	f.Data, errs[0] = io.ReadAll(r.Body)
	f.Issued, errs[1] = calendar.ParseDate(v.Get("issued"))
	f.Until, errs[2] = calendar.ParseDate(v.Get("until"))
	return f, errors.Join(errs[:]...)
}

func readQuery(r *http.Request) (q Query, err error) {
	q.State = r.URL.Query().Get("state")
	if n := r.URL.Query().Get("limit"); n != "" {
		q.Limit, err = strconv.Atoi(n)
	}
	if q.State != "" && !slices.Contains(States, q.State) || q.Limit < 0 {
		err = errors.Join(err, fmt.Errorf("state is one of %s, limit a number from 1", strings.Join(States, ", ")))
	}
	return q, err
}

// longestSocket is what the kernel takes as the name of a socket, in bytes.
const longestSocket = 107

// Listen opens the socket of a data folder for its owner alone (mode 0600). The
// caller holds the lock of the data, so a socket that nobody answers was left
// behind and is replaced.
func Listen(dir string) (net.Listener, error) {
	file := Socket(dir)
	if len(file) > longestSocket {
		return nil, fmt.Errorf("control: listen: the name %s has %d bytes, a socket may have %d; choose a shorter data folder", file, len(file), longestSocket)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("control: listen: data folder: %w", err)
	}
	if c, err := net.Dial("unix", file); err == nil {
		c.Close()
		return nil, fmt.Errorf("control: listen: another duban answers at %s; stop it first, or give another data folder", file)
	}
	if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("control: listen: remove an old socket: %w", err)
	}
	l, err := net.Listen("unix", file)
	if err != nil {
		return nil, fmt.Errorf("control: listen: %w", err)
	}
	if err := os.Chmod(file, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("control: listen: %w", err), l.Close())
	}
	return l, nil
}
