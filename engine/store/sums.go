package store

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
)

// What the history cannot tell again is kept with a sum, so that verify finds a
// byte that the disk has changed. A sum is no seal: whoever can write the file
// can write it too. Against people there are the chains.
//
// A sum is a hash of the texts of a row plus its numbers, each with a weight. So
// an UPDATE that changes numbers alone adds the difference, in SQL, and reads
// nothing first.

// sumOf hashes texts to 62 bits: numbers can be added without an overflow.
func sumOf(texts ...string) int64 {
	b := make([]byte, 0, 256)
	for _, s := range texts {
		b = append(strconv.AppendInt(b, int64(len(s)), 10), ' ') // lengths keep the fields apart
		b = append(b, s...)
	}
	h := sha256.Sum256(b)
	return int64(binary.BigEndian.Uint64(h[:8]) >> 2)
}

// sum is that of the row as it stands. Publishing, Record and their like keep
// to these weights.
func (d *Delivery) sum() int64 {
	return d.texts() + 2*d.Created + 3*int64(d.Attempts) + 5*int64(d.Unsure) + 7*d.NextAt + 11*d.Published + 13*int64(d.Rounds)
}

func (d *Delivery) texts() int64 { return sumOf(d.Key, d.Channel, d.Robot, d.Person, d.Message) }

// noticeSum is that of what changes in an outbox row, but for its ready, which
// SQL adds, and its state, which the delivery tells. 0 stands in a row that was
// never changed: all of it is told by the history.
func noticeSum(delivery, person, why string) int64 { return sumOf(delivery, person, why) }

func (p *Plan) sum() int64 {
	return sumOf(p.Key, p.Digest, p.Title, p.Issued, p.Body) + p.Added
}

func (it *Item) sum() int64 {
	return sumOf(it.Plan, it.No, it.Heading, it.Status, it.Why) + it.Decided
}

func (c *CalendarRow) sum() int64 { return sumOf(c.Source) + c.From }

func (d *Draft) sum() int64 {
	return sumOf(d.Plan, d.Digest, d.File, d.Title, d.State, d.Given, d.By, d.Body) + d.ID + 2*d.Imported + 3*d.Done
}

func (a *Alias) sum() int64 { return sumOf(a.Printed, a.Unit, a.By) + a.Said }

func (v *PlanVersion) sum() int64 { return v.Plan.sum() + 2*int64(v.Version) + 3*v.Replaced }
