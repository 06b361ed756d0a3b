// Package read makes a plan of a document: blocks, outline, time limits.
package read

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"duban/engine/calendar"
	"duban/plan"
	"duban/plan/outline"
	"duban/plan/source"
	"duban/plan/when"
)

// Options override what a document says or does not say.
type Options struct {
	Issued calendar.Date
	Year   int
	Cal    *calendar.Calendar // school terms, where one is named; nil: none
}

// Plan reads a document. An error is a *source.Refused.
func Plan(name string, content []byte, o Options) (*plan.Plan, error) {
	d, err := source.Open(name, content)
	if err != nil {
		return nil, err
	}
	out := outline.Of(d)
	if err := refuse(name, out); err != nil {
		return nil, err
	}
	p := &plan.Plan{Source: filepath.Base(name), Title: out.Title, Issuer: out.Issuer, Issued: o.Issued, Warnings: append(d.Warnings, out.Warnings...)}
	if p.Issued == 0 {
		p.Issued, _ = outline.ParseDate(out.Issued)
	}
	p.Year = year(o, out, p.Issued)
	p.Until = until(p.Title)
	c := when.Context{Issued: p.Issued, Year: p.Year, Cal: o.Cal}
	for _, it := range out.Items {
		p.Items = append(p.Items, item(it, c))
	}
	return p, nil
}

// refuse says why a document is not read on: it is secret, is no plan, or is too
// long for one.
func refuse(name string, out *outline.Outline) error {
	file := filepath.Base(name)
	switch {
	case out.Secret != "":
		return &source.Refused{File: file, What: "文件标有密级“" + out.Secret + "”", Hint: "涉密文件不得录入本系统，请按保密规定处理"}
	case len(out.Items) == 0:
		return &source.Refused{File: file, What: "没有找到任何事项", Hint: "事项应有“一、”“（一）”“1.”等序号，或列在有任务、责任单位的表格里；扫描件请先识别成文字"}
	case len(out.Items) > outline.MostItems:
		return &source.Refused{File: file, What: fmt.Sprintf("超过 %d 个事项", outline.MostItems), Hint: "这是一份计划吗？请按文件拆开录入"}
	}
	return nil
}

// year is the year that bare months belong to.
func year(o Options, out *outline.Outline, issued calendar.Date) int {
	switch {
	case o.Year != 0:
		return o.Year
	case out.Year != 0:
		return out.Year
	case issued != 0:
		return issued.Year()
	}
	return 0
}

// until is the end of the time that a title names: 2023—2025年.
func until(title string) calendar.Date {
	for i := range title {
		var from, to int
		rest := title[i:]
		if len(rest) < 4 || rest[0] != '2' || i > 0 && title[i-1] >= '0' && title[i-1] <= '9' {
			continue
		}
		if n, err := fmt.Sscanf(rest[:4], "%4d", &from); n != 1 || err != nil {
			continue
		}
		rest = strings.TrimPrefix(rest[4:], "年")
		cut := strings.TrimLeft(rest, "—-－–～~至")
		if cut == rest || len(cut) < 4 {
			continue
		}
		if n, err := fmt.Sscanf(cut[:4], "%4d", &to); n == 1 && err == nil && to > from && to < 2100 && strings.HasPrefix(cut[4:], "年") {
			return calendar.Of(to, 12, 31)
		}
	}
	return 0
}

// item reads the time words of an item, of its column or tag and then of its
// text, and the numbers it asks for. Words of a tag that stand in the text as
// well are read once.
func item(it outline.Item, c when.Context) plan.Item {
	from, to := -1, -1
	if it.Column != "" {
		for _, f := range when.Column(it.Column, c) {
			note(&it.Item, f)
		}
		if from = strings.LastIndex(it.Text, it.Column); from >= 0 {
			to = from + len(it.Column)
		}
	}
	tagged := len(it.Deadlines)
	for _, f := range when.Find(it.Text, c) {
		twice := slices.Contains(it.Deadlines[:tagged], f.Deadline) || tagged > 0 && f.From >= from && f.To <= to
		if !twice { // the same words twice in the text are two deadlines
			note(&it.Item, f)
		}
	}
	it.Quantities = when.Quantities(it.Text)
	return it.Item
}

// note adds a deadline; of words that name none (2月30日) only what is wrong.
func note(it *plan.Item, f when.Found) {
	if f.Warning != "" && !slices.Contains(it.Warnings, f.Warning) {
		it.Warnings = append(it.Warnings, f.Warning)
	}
	if f.Kind != "" {
		it.Deadlines = append(it.Deadlines, f.Deadline)
	}
}
