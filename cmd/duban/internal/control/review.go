package control

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"duban/cmd/duban/internal/app"
	"duban/engine/calendar"
	"duban/engine/store"
	"duban/plan"
	"duban/plan/draft"
	"duban/workflows"
)

// Review is a draft as the office sees it.
type Review struct {
	Key      string                `json:"key"`
	File     string                `json:"file"`
	Title    string                `json:"title"`
	Issuer   string                `json:"issuer"`
	Issued   calendar.Date         `json:"issued"`
	Year     int                   `json:"year"`
	Until    calendar.Date         `json:"until"`
	State    string                `json:"state"`          // open, confirmed, discarded, replaced
	Same     bool                  `json:"same,omitempty"` // the very content was here already; nothing was done
	Imported string                `json:"imported"`
	Marks    map[string]draft.Mark `json:"marks,omitempty"` // of title, issuer, issued, year
	Warnings []string              `json:"warnings"`
	Items    []ReviewItem          `json:"items"`
	Revision *ReviewRevision       `json:"revision,omitempty"` // a plan of the key runs: what changes
	Plan     *plan.Plan            `json:"plan,omitempty"`     // as it would be confirmed
}

// ReviewItem is one item of a draft.
type ReviewItem struct {
	No          string         `json:"no"`
	Heading     string         `json:"heading"`
	Status      string         `json:"status"` // dated, kept, no_date, no_lead, dropped
	Why         string         `json:"why,omitempty"`
	Sensitive   bool           `json:"sensitive,omitempty"`
	Leads       []ReviewUnit   `json:"leads"`
	Cooperating []draft.Found  `json:"cooperating"`
	Limits      []ReviewLimit  `json:"limits"`
	Decided     *plan.Decision `json:"decided,omitempty"`
	Starts      int            `json:"starts"` // assignments that would begin
}

// ReviewUnit is a printed lead.
type ReviewUnit struct {
	draft.Found
	draft.Mark
}

// ReviewLimit is a printed time limit.
type ReviewLimit struct {
	Text    string `json:"text"`
	Meaning string `json:"meaning"`
	draft.Mark
}

// ReviewRevision is what a draft changes in the plan that runs.
type ReviewRevision struct {
	Title string `json:"title"` // of the plan as it runs
	Since string `json:"since"` // when it was added so
	draft.Diff
	Deeds []app.Deed `json:"deeds"` // what happens to running assignments
	Begin int        `json:"begin"` // assignments that begin
	Notes []string   `json:"notes,omitempty"`
}

// The statuses of an item under review.
const (
	Dated  = "dated"
	NoDate = "no_date"
	NoLead = "no_lead"
)

func (d desk) review(ctx context.Context, q DraftRef) (Review, error) {
	x, err := d.find(ctx, q.Key)
	if err != nil {
		return Review{}, err
	}
	return d.reviewOf(ctx, x)
}

func (d desk) reviewOf(ctx context.Context, x store.Draft) (Review, error) {
	p, err := plan.FromJSON([]byte(x.Body))
	if err != nil {
		return Review{}, err
	}
	n, err := d.Names(ctx)
	if err != nil {
		return Review{}, err
	}
	full := draft.WithAliases(p, n)
	r := Review{Key: x.Plan, File: x.File, Title: p.Title, Issuer: p.Issuer, Issued: p.Issued, Year: p.Year, Until: p.Until, State: x.State,
		Imported: d.stamp(time.UnixMilli(x.Imported)), Marks: draft.Head(p, strings.Fields(x.Given)), Items: []ReviewItem{}, Plan: full}
	w := warner{}
	if p.Issued == 0 {
		w.say("", "文中未印日期：确认前须给定印发日期")
	}
	for _, s := range p.Warnings {
		w.say("", s)
	}
	as := d.Assigner(full, 0, 0)
	day := d.supposedIssue(p)
	for i := range p.Items {
		o := as.Item(&full.Items[i], day)
		r.Items = append(r.Items, reviewItem(&p.Items[i], &o, n, &w))
	}
	r.Warnings = w.list()
	if x.State == store.DraftOpen {
		r.Revision, err = d.reviewRevision(ctx, full, n)
	}
	return r, err
}

// supposedIssue is the day of issue, or while none is known the beginning of the
// plan's year: a deadline is not called past because nobody has given the day yet.
func (d desk) supposedIssue(p *plan.Plan) calendar.Date {
	day := p.Issued
	switch {
	case day == 0 && p.Year != 0:
		day = calendar.Of(p.Year, 1, 1)
	case day == 0:
		day = d.Calendar.DateOf(d.Now())
	}
	return d.Calendar.OnOrAfter(day)
}

func (d desk) reviewRevision(ctx context.Context, full *plan.Plan, n draft.Names) (*ReviewRevision, error) {
	row, was, ok, err := d.StoredPlan(ctx, full.Key())
	if err != nil || !ok {
		return nil, err
	}
	rev, err := d.Revision(ctx, row, was, full, n)
	if err != nil {
		return nil, err
	}
	deeds := rev.Deeds
	if deeds == nil {
		deeds = []app.Deed{}
	}
	return &ReviewRevision{Title: row.Title, Since: d.stamp(time.UnixMilli(row.Added)), Diff: rev.Diff, Deeds: deeds, Begin: rev.Begin, Notes: rev.Notes}, nil
}

func reviewItem(it *plan.Item, o *workflows.Outcome, n draft.Names, w *warner) ReviewItem {
	out := ReviewItem{No: it.No, Heading: o.Heading, Status: statusOf(o), Why: o.Why, Leads: []ReviewUnit{}, Cooperating: []draft.Found{},
		Limits: []ReviewLimit{}, Decided: it.Decided, Starts: len(o.Starts), Sensitive: it.Decided != nil && it.Decided.Sensitive}
	for _, s := range it.Warnings {
		w.say(it.No, s)
	}
	for _, printed := range it.Lead {
		f := n.Find(printed)
		out.Leads = append(out.Leads, ReviewUnit{f, draft.LeadMark(it, &f)})
		if it.Decided == nil || len(it.Decided.Lead) == 0 {
			w.unit(it.No, "牵头单位", &f)
		}
	}
	for _, printed := range it.Cooperating {
		f := n.Find(printed)
		out.Cooperating = append(out.Cooperating, f)
		w.unit(it.No, "配合单位", &f)
	}
	for i := range it.Deadlines {
		l := &it.Deadlines[i]
		m := draft.DeadlineMark(it, l)
		out.Limits = append(out.Limits, ReviewLimit{l.Text, draft.Meaning(l), m})
		if (l.AltStart != 0 || l.AltEnd != 0) && (it.Decided == nil || it.Decided.Due == 0) {
			w.say(it.No, fmt.Sprintf("时限“%s”读作%s；%s", l.Text, draft.Meaning(l), m.Why))
		}
	}
	return out
}

func statusOf(o *workflows.Outcome) string {
	switch {
	case o.Status == workflows.Kept, o.Status == workflows.Dropped:
		return o.Status
	case o.Status == workflows.Started:
		return Dated
	case strings.Contains(o.Why, "牵头单位"):
		return NoLead
	}
	return NoDate
}

// warner collects warnings; one that several items share is said once, with
// their numbers.
type warner struct {
	order   []string
	items   map[string][]string
	unknown []string // units that nothing is near to
}

func (w *warner) say(no, words string) {
	if w.items == nil {
		w.items = map[string][]string{}
	}
	if _, ok := w.items[words]; !ok {
		w.order = append(w.order, words)
		w.items[words] = nil
	}
	if no != "" && !slices.Contains(w.items[words], no) {
		w.items[words] = append(w.items[words], no)
	}
}

func (w *warner) unit(no, part string, f *draft.Found) {
	switch f.How {
	case draft.Unknown:
		if !slices.Contains(w.unknown, f.Printed) {
			w.unknown = append(w.unknown, f.Printed)
		}
	case draft.Proposed:
		var names []string
		for _, p := range f.Proposals {
			names = append(names, p.Unit+"（"+p.Why+"）")
		}
		w.say(no, fmt.Sprintf("%s“%s”不在组织机构中，可能是：%s", part, f.Printed, strings.Join(names, "、")))
	}
}

// mostNumbers is how many item numbers one warning names.
const mostNumbers = 6

func (w *warner) list() []string {
	out := []string{}
	for _, words := range w.order {
		switch nos := w.items[words]; {
		case len(nos) > mostNumbers:
			words = fmt.Sprintf("%s等%d项：%s", strings.Join(nos[:mostNumbers], "、"), len(nos), words)
		case len(nos) > 0:
			words = strings.Join(nos, "、") + "：" + words
		}
		out = append(out, words)
	}
	if len(w.unknown) > 0 {
		out = append(out, fmt.Sprintf("%d 个单位不在组织机构中，也没有相近的名称：%s", len(w.unknown), strings.Join(w.unknown, "、")))
	}
	return out
}
