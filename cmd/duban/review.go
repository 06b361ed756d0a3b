package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"duban/cmd/duban/internal/app"
	"duban/cmd/duban/internal/columns"
	"duban/cmd/duban/internal/control"
	"duban/plan"
	"duban/plan/draft"
)

// The columns of a review: an item's number, what stands in the field, and how
// sure it is.
const (
	numberWidth  = 12
	valueWidth   = 44
	headingWidth = 50
)

var itemStates = map[string]string{control.Dated: "有时限", control.NoDate: "待明确时限", control.NoLead: "待明确牵头单位", "kept": "长期坚持", "dropped": "不督办"}

// printReview shows a draft: what to look at first, what it changes in a plan
// that runs, then every item.
func printReview(w io.Writer, r *control.Review) error {
	var b strings.Builder
	reviewHead(&b, r)
	if len(r.Warnings) > 0 {
		b.WriteString("\n请先核对：\n")
	}
	for _, s := range r.Warnings {
		b.WriteString("  ! " + s + "\n")
	}
	if r.Revision != nil {
		reviewRevision(&b, r)
	}
	b.WriteString("\n事项：\n")
	for i := range r.Items {
		printReviewItem(&b, &r.Items[i])
	}
	if r.State == "open" {
		reviewNext(&b, r)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func reviewHead(b *strings.Builder, r *control.Review) {
	state := draftStates[r.State]
	if r.State == "open" {
		state += "：确认之前不启动事项，不发送消息"
	}
	fmt.Fprintf(b, "草稿 %s《%s》 %s\n", r.Key, cmp.Or(r.Title, "无标题"), state)
	line := func(label, value, mark string) {
		m, ok := r.Marks[mark]
		text := "  " + columns.Fill(label, 10) + value
		if ok {
			text = columns.Fill(text, numberWidth+valueWidth) + "  " + m.Level.Chinese() + "  " + m.Why
		}
		b.WriteString(text + "\n")
	}
	line("文件", r.File+"，"+minute(r.Imported)+" 导入", "")
	line("标题", cmp.Or(r.Title, "—"), "title")
	line("发文单位", cmp.Or(r.Issuer, "—"), "issuer")
	line("印发日期", cmp.Or(r.Issued.Chinese(), "—"), "issued")
	year := "—"
	if r.Year != 0 {
		year = fmt.Sprint(r.Year)
	}
	line("年度", year, "year")
	line("事项", counts(r), "")
}

func counts(r *control.Review) string {
	n, starts := map[string]int{}, 0
	for i := range r.Items {
		n[r.Items[i].Status]++
		starts += r.Items[i].Starts
	}
	words := []string{fmt.Sprintf("共 %d 项", len(r.Items))}
	for _, s := range []string{control.Dated, "kept", control.NoDate, control.NoLead, "dropped"} {
		if n[s] > 0 {
			words = append(words, fmt.Sprintf("%s %d", itemStates[s], n[s]))
		}
	}
	return strings.Join(words, "，") + fmt.Sprintf("；可生成督办件 %d 件", starts)
}

func printReviewItem(b *strings.Builder, it *control.ReviewItem) {
	state := itemStates[it.Status]
	if it.Sensitive {
		state += "，敏感"
	}
	if it.Starts > 0 {
		state += fmt.Sprintf("，%d件", it.Starts)
	}
	fmt.Fprintf(b, "%s%s%s\n", columns.Fill(it.No+" ", numberWidth), columns.Fill(shorten(it.Heading, headingWidth-2), headingWidth), state)
	field := func(label, value string, m draft.Mark) {
		fmt.Fprintf(b, "%s%s  %s  %s\n", strings.Repeat(" ", numberWidth), columns.Fill(label+"  "+value, valueWidth), m.Level.Chinese(), m.Why)
	}
	for i := range it.Leads {
		field("牵头", nameWords(&it.Leads[i].Found), it.Leads[i].Mark)
	}
	if len(it.Cooperating) > 0 {
		names := make([]string, len(it.Cooperating))
		for i := range it.Cooperating {
			names[i] = nameWords(&it.Cooperating[i])
		}
		fmt.Fprintf(b, "%s配合  %s\n", strings.Repeat(" ", numberWidth), strings.Join(names, "、"))
	}
	for _, l := range it.Limits {
		field("时限", l.Text+" → "+l.Meaning, l.Mark)
	}
	if words := decisionWords(it.Decided); words != "" {
		fmt.Fprintf(b, "%s办公室定  %s\n", strings.Repeat(" ", numberWidth), words)
	}
}

// nameWords is a printed name with the unit it means: 组织部 → 党委组织部.
func nameWords(f *draft.Found) string {
	switch {
	case f.How == draft.Unknown:
		return f.Printed + " → ？"
	case f.How == draft.Proposed:
		return f.Printed + " → " + f.Proposals[0].Unit + "？"
	case f.Unit != f.Printed:
		return f.Printed + " → " + f.Unit
	}
	return f.Printed
}

func decisionWords(d *plan.Decision) string {
	if d.None() {
		return ""
	}
	var words []string
	if len(d.Lead) > 0 && !d.Aliased {
		words = append(words, "牵头 "+strings.Join(d.Lead, "、"))
	}
	if d.Due != 0 {
		words = append(words, "时限 "+d.Due.Chinese())
	}
	if d.Usual != 0 {
		words = append(words, "通常在 "+d.Usual.Chinese())
	}
	if m := draft.Manner(d); m != "" {
		words = append(words, m)
	}
	return strings.Join(words, "；")
}

// reviewNext names the commands that come next, with the names at hand.
func reviewNext(b *strings.Builder, r *control.Review) {
	b.WriteString("\n接下来：\n")
	if r.Issued == 0 {
		fmt.Fprintf(b, "  duban draft decide %s --issued 2023-02-17\n", r.Key)
	}
	var said []string
	for _, it := range r.Items {
		for i := range it.Leads {
			f := &it.Leads[i].Found
			if f.How == draft.Proposed && !slices.Contains(said, f.Printed) && len(said) < 3 {
				said = append(said, f.Printed)
				fmt.Fprintf(b, "  duban draft alias %s=%s\n", f.Printed, f.Proposals[0].Unit)
			}
		}
	}
	for _, it := range r.Items {
		flag := map[string]string{control.NoDate: "--due 日期（或 --keep 长期坚持）", control.NoLead: "--lead 单位"}[it.Status]
		if proposed := slices.ContainsFunc(it.Leads, func(u control.ReviewUnit) bool { return u.How == draft.Proposed }); flag != "" && !proposed {
			fmt.Fprintf(b, "  duban draft decide %s %s %s\n", r.Key, it.No, flag)
			break
		}
	}
	fmt.Fprintf(b, "  duban draft confirm %s --all\n", r.Key)
}

// printDecided shows the items that were decided about, or the head.
func printDecided(w io.Writer, r *control.Review, items []string) error {
	var b strings.Builder
	if len(items) == 0 {
		reviewHead(&b, r)
	}
	for i := range r.Items {
		if slices.Contains(items, r.Items[i].No) {
			printReviewItem(&b, &r.Items[i])
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// reviewRevision shows what a draft changes in the plan that runs.
func reviewRevision(b *strings.Builder, r *control.Review) {
	v := r.Revision
	fmt.Fprintf(b, "\n与在办计划《%s》（%s 录入）比较：新增 %d 项，变更 %d 项，撤下 %d 项，未变 %d 项；确认后新交办 %d 件。\n",
		v.Title, minute(v.Since), len(v.Added), len(v.Changed), len(v.Withdrawn), v.Unchanged, v.Begin)
	if 5*(v.Unchanged+len(v.Changed)) < len(r.Items) {
		fmt.Fprintf(b, "  ! 与在办计划几乎没有相同的事项；如果不是它的修订稿，请先 duban draft discard %s，再用 --key 另取名导入\n", r.Key)
	}
	for _, it := range v.Added {
		fmt.Fprintf(b, "  新增  %s%s\n", columns.Fill(it.No+" ", numberWidth), headingOf(&it))
	}
	for i := range v.Changed {
		c := &v.Changed[i]
		fmt.Fprintf(b, "  变更  %s%s\n", columns.Fill(c.New.No+" ", numberWidth), headingOf(&c.New))
		for _, f := range c.Fields {
			was, is := excerpts(f.Old, f.New)
			fmt.Fprintf(b, "        %s  原  %s\n              新  %s\n", columns.Fill(f.Name, 4), cmp.Or(was, "—"), cmp.Or(is, "—"))
		}
		printDeeds(b, v.Deeds, c.New.No, false)
	}
	for _, it := range v.Withdrawn {
		fmt.Fprintf(b, "  撤下  %s%s\n", columns.Fill(it.No+" ", numberWidth), headingOf(&it))
		printDeeds(b, v.Deeds, it.No, true)
	}
	for _, n := range v.Notes {
		b.WriteString("  ! " + n + "\n")
	}
}

func headingOf(it *plan.Item) string { return shorten(cmp.Or(it.Heading, it.Text), headingWidth) }

// shorten cuts a text to a width and says so.
func shorten(s string, room int) string {
	if columns.Width(s) <= room {
		return s
	}
	return columns.Cut(s, room-2) + "…"
}

// printDeeds shows what happens to what runs of an item. A number may stand for
// one item that is withdrawn and another that took it over.
func printDeeds(b *strings.Builder, deeds []app.Deed, no string, withdrawn bool) {
	for _, d := range deeds {
		if d.Item == no && d.Withdrawn == withdrawn {
			fmt.Fprintf(b, "        在办  %s %s：%s\n", d.Slip, d.Unit, deedWords(&d))
		}
	}
}

func deedWords(d *app.Deed) string {
	var to []string
	if d.To != "" {
		to = append(to, "改由"+d.To+"承办")
	}
	if d.Due != 0 {
		to = append(to, "时限改为"+d.Due.Chinese())
	}
	words := strings.Join(to, "，")
	switch d.Does {
	case app.Cancel:
		return "撤销"
	case app.Leave:
		return "不变动（" + d.Why + "）"
	case app.Replace:
		return "撤销并重新交办：" + words + "（" + d.Why + "）"
	}
	return words
}

// excerptWidth is how much of a changed text is shown.
const excerptWidth = 76

// excerpts are two versions of a text from shortly before they part.
func excerpts(was, is string) (string, string) {
	if columns.Width(was) <= excerptWidth && columns.Width(is) <= excerptWidth {
		return was, is
	}
	a, b := []rune(was), []rune(is)
	same := 0
	for same < min(len(a), len(b)) && a[same] == b[same] {
		same++
	}
	from := max(0, same-10)
	cut := func(r []rune) string {
		s := string(r[min(from, len(r)):])
		if from > 0 {
			s = "…" + s
		}
		return shorten(s, excerptWidth+2)
	}
	return cut(a), cut(b)
}

var turnWords = map[string]string{"moved": "已调整", "replaced": "已撤销并重新交办", "cancelled": "已撤销", "left": "未变动"}

func printRevised(w io.Writer, a *control.Confirmed) error {
	var b strings.Builder
	r := a.Revised
	fmt.Fprintf(&b, "计划 %s《%s》已修订为第 %d 版：新增 %d 项，变更 %d 项，撤下 %d 项，未变 %d 项，新交办 %d 件。\n",
		a.Plan, a.Title, r.Version, r.Added, r.Changed, r.Withdrawn, r.Unchanged, r.Begun)
	for _, t := range r.Turns {
		fmt.Fprintf(&b, "  %-11s %s  %s  %s", t.Slip, columns.Fill(t.Unit, 20), turnWords[t.Did], t.State)
		if t.Due != 0 && t.Did == "moved" {
			b.WriteString("，时限 " + t.Due.Chinese())
		}
		if t.Why != "" {
			b.WriteString("（" + t.Why + "）")
		}
		b.WriteByte('\n')
	}
	for _, n := range r.Notes {
		b.WriteString("  ! " + n + "\n")
	}
	if len(a.Waits) > 0 {
		b.WriteString("待定事项：\n")
	}
	for _, it := range a.Waits {
		fmt.Fprintf(&b, "  %s %s：%s\n", it.Item, it.Heading, it.Why)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
