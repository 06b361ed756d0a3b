package store

import (
	"fmt"
	"strings"
)

// A batch decides what hundreds of instances come to and writes it. Deciding
// needs no database and writing no decision, so they go on side by side: what is
// to be written waits in a queue that one goroutine works off in order. It lives
// from the first thing put into it to the next flush.
type queue struct {
	writes chan func() error
	end    chan error // the first error; the writes after it are left out
}

// later puts a write into the queue. Its error comes with the next flush.
func (tx *Tx) later(write func() error) {
	if tx.queue == nil {
		tx.queue = &queue{writes: make(chan func() error, 4096), end: make(chan error, 1)}
		go tx.queue.work()
	}
	tx.queue.writes <- write
}

func (q *queue) work() {
	var failed error
	for write := range q.writes {
		if failed == nil {
			failed = write()
		}
	}
	q.end <- failed
}

// drain waits until all that was put into the queue is written.
func (tx *Tx) drain() {
	if tx.failed == nil {
		tx.put(&tx.steps)
		tx.put(&tx.tells)
	}
	if tx.queue == nil {
		return
	}
	close(tx.queue.writes)
	err := <-tx.queue.end
	tx.queue = nil
	if tx.failed == nil {
		tx.failed = err
	}
}

// bulk gathers rows of one table: a statement of several rows takes half the
// time of as many of one.
type bulk struct {
	insert [mostRows + 1]string // by how many rows
	n      int
	args   []any
}

const mostRows = 8

// inserts are the statements that bulk wants: head, and so often row.
func inserts(head, row string) (out [mostRows + 1]string) {
	for n := range out {
		out[n] = head + strings.TrimPrefix(strings.Repeat(","+row, n), ",")
	}
	return out
}

// add gathers a row, and puts the rows into the queue when there are enough.
func (tx *Tx) add(b *bulk, row ...any) {
	b.args = append(b.args, row...)
	if b.n++; b.n == mostRows {
		tx.put(b)
	}
}

// put puts the gathered rows into the queue.
func (tx *Tx) put(b *bulk) {
	if b.n > 0 {
		tx.writeLater(b.insert[b.n], b.args...)
		b.n, b.args = 0, nil
	}
}

// writeLater is write, later.
func (tx *Tx) writeLater(query string, args ...any) {
	tx.later(func() error {
		if _, err := tx.write(query, args...); err != nil {
			return fmt.Errorf("store: save: %w", err)
		}
		return nil
	})
}

// flush waits until all that was saved is written. After a failed statement
// SQLite may have rolled back by itself, so that what follows would stand alone:
// nothing is read or written after one.
func (tx *Tx) flush() error {
	if tx.failed == nil {
		tx.writeOpen()
	}
	tx.drain()
	return tx.failed
}
