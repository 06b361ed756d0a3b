// Package sim holds no program, only a test: whole years of a college, made up
// from one seed, run through the real App in a bubble whose clock costs nothing.
//
// Real are engine, store (a SQLite file), scheduler, notifier, the mail and
// robot channels and the post box that answers them. Made up are the plans, the
// people and what goes wrong: refusals and silence of the far side, a bus that
// doubles, shuffles and loses, a full disk, another writer, a process that dies
// and a clock that jumps. After every step the invariants are checked.
//
//	go test ./cmd/duban/internal/sim                    20 seeds
//	DUBAN_SEEDS=1000 go test ./cmd/duban/internal/sim -timeout 12h
//	DUBAN_SEED=17 go test ./cmd/duban/internal/sim -v   that seed alone, with its events
//
// Everything random comes from the seed. The order in which goroutines run does
// not, so a replay is nearly, not perfectly, the same.
package sim
