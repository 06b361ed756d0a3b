// Package outline finds the items of a document: its heading hierarchy, its
// title and issuer, and for every item the units that are responsible.
package outline

import (
	"duban/plan"
	"duban/plan/source"
)

// Item is an item as it stands in the document, with its time words unread.
type Item struct {
	plan.Item
	Column string // the cell of a table's deadline column, or of a tag that names a time limit (完成时限：…); "" without one
}

// Outline is a document in its parts.
type Outline struct {
	Title    string
	Issuer   string
	Number   string // 发文字号
	Issued   string // the date of issue as printed
	Secret   string // 秘密, 机密, 绝密 as printed in the head; "" without one
	Items    []Item
	Warnings []string
}

// Of finds the parts of a document.
func Of(d *source.Document) *Outline {
	o := &Outline{}
	for i, b := range d.Blocks {
		if i == 0 {
			o.Title = b.Text
			continue
		}
		o.Items = append(o.Items, Item{Item: plan.Item{Heading: b.Text, Text: b.Text}})
	}
	return o
}
