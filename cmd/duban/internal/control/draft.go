package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"duban/engine/calendar"
	"duban/engine/org"
	"duban/engine/store"
	"duban/plan"
	"duban/plan/draft"
)

// Import is a document that was read, to be kept for the office's review. The
// caller reads it: a document that breaks a reader must not break the service.
type Import struct {
	File    string          `json:"file"`   // its name
	Digest  string          `json:"digest"` // hex SHA-256 of its bytes
	Key     string          `json:"key,omitempty"`
	Revises string          `json:"revises,omitempty"` // the plan that it revises; "" the one of its key
	Given   []string        `json:"given,omitempty"`   // issued, year: given by the office
	Plan    json.RawMessage `json:"plan"`
}

// DraftDecision is what the office decides about a draft: about the whole of it
// (Issued, Until), or about items.
type DraftDecision struct {
	Key    string        `json:"key"`
	Items  []string      `json:"items,omitempty"`
	Issued calendar.Date `json:"issued,omitzero"`
	Until  calendar.Date `json:"until,omitzero"`
	Clear  bool          `json:"clear,omitempty"` // take back what was decided about the items
	plan.Decision
}

// DraftRef names a draft by the key of its plan: the open one, else the newest.
type DraftRef struct {
	Key string `json:"key"`
}

// DraftLine is a draft in a list.
type DraftLine struct {
	Key      string `json:"key"`
	Title    string `json:"title"`
	File     string `json:"file"`
	State    string `json:"state"`
	Imported string `json:"imported"`
	Done     string `json:"done,omitempty"`
	By       string `json:"by,omitempty"` // who confirmed or discarded it
}

// AliasSet says what printed names mean.
type AliasSet struct {
	Names map[string]string `json:"names,omitempty"` // printed → unit
	By    string            `json:"by,omitempty"`
}

// AliasLine is an alias in a list.
type AliasLine struct {
	Printed string `json:"printed"`
	Unit    string `json:"unit"`
	By      string `json:"by"`
	Said    string `json:"said"`
}

func (d desk) importDraft(ctx context.Context, m Import) (Review, error) {
	p, err := plan.FromJSON(m.Plan)
	if err != nil {
		return Review{}, err
	}
	if err := append(p.Check(m.File), d.unknownWorkflows(m.File, p)...).Err(); err != nil {
		return Review{}, err
	}
	p.Source = m.File
	if err := d.name(ctx, &m, p); err != nil {
		return Review{}, err
	}
	if r, same, err := d.sameDraft(ctx, &m, p); same || err != nil {
		return r, err
	}
	if err := d.carry(ctx, p); err != nil {
		return Review{}, err
	}
	body, err := json.Marshal(p)
	if err != nil {
		return Review{}, fmt.Errorf("control: draft %s: %w", p.Key(), err)
	}
	row := store.Draft{Plan: p.Key(), Digest: m.Digest, File: m.File, Title: p.Title, Given: strings.Join(m.Given, " "), Body: string(body)}
	if err := d.StoreDraft(ctx, row); err != nil {
		return Review{}, draftError(err)
	}
	return d.review(ctx, DraftRef{Key: p.Key()})
}

// name gives the plan the name that the caller wants.
func (d desk) name(ctx context.Context, m *Import, p *plan.Plan) error {
	if m.Key != "" {
		p.Source = m.Key
	}
	if m.Revises == "" {
		return nil
	}
	_, was, ok, err := d.StoredPlan(ctx, m.Revises)
	switch {
	case err != nil:
		return err
	case !ok:
		return &Problem{Kind: Usage, Words: fmt.Sprintf("没有名为 %s 的计划可供修订；duban draft list 列出已导入的", m.Revises)}
	}
	p.Source = was.Source
	return nil
}

// sameDraft finds out whether the very content is here already, under whatever
// name. A version that was revised since may come again: that is the way back.
func (d desk) sameDraft(ctx context.Context, m *Import, p *plan.Plan) (r Review, same bool, err error) {
	all, err := d.DB.DraftHeads(ctx)
	if err != nil {
		return r, false, err
	}
	revised := map[string]bool{}
	for _, x := range all { // the newest first
		current := x.State == store.DraftOpen || x.State == store.DraftConfirmed && !revised[x.Plan]
		revised[x.Plan] = revised[x.Plan] || x.State == store.DraftConfirmed
		if x.Digest == m.Digest && current {
			if x, err = d.DB.Draft(ctx, x.ID); err != nil {
				return r, true, err
			}
			r, err = d.reviewOf(ctx, x)
			r.Same = true
			return r, true, err
		}
	}
	plans, err := d.DB.Plans(ctx)
	if err != nil {
		return r, false, err
	}
	for _, x := range plans { // by plan add
		if x.Digest == p.Digest() {
			return Review{Key: x.Key, Title: x.Title, State: store.DraftConfirmed, Same: true, Imported: d.stamp(time.UnixMilli(x.Added)), Items: []ReviewItem{}}, true, nil
		}
	}
	return r, false, nil
}

// carry takes over what the office decided about the draft or the plan that
// this one follows.
func (d desk) carry(ctx context.Context, p *plan.Plan) error {
	n, err := d.Names(ctx)
	if err != nil {
		return err
	}
	x, err := d.find(ctx, p.Key())
	if err == nil && x.State == store.DraftOpen {
		was, err := plan.FromJSON([]byte(x.Body))
		if err != nil {
			return err
		}
		draft.Carry(was, p, n.Canonical)
	}
	_, was, ok, err := d.StoredPlan(ctx, p.Key())
	if ok {
		draft.Carry(was, p, n.Canonical)
	}
	return err
}

// find is the open draft of a key, else the newest one.
func (d desk) find(ctx context.Context, key string) (store.Draft, error) {
	all, err := d.DB.DraftHeads(ctx)
	if err != nil {
		return store.Draft{}, err
	}
	i := slices.IndexFunc(all, func(x store.Draft) bool { return x.Plan == key && x.State == store.DraftOpen })
	if i < 0 {
		i = slices.IndexFunc(all, func(x store.Draft) bool { return x.Plan == key })
	}
	if i < 0 {
		return store.Draft{}, &Problem{Kind: Usage, Words: fmt.Sprintf("没有名为 %s 的草稿；duban draft list 列出已导入的", key)}
	}
	return d.DB.Draft(ctx, all[i].ID)
}

// open is the draft of a key that can still be decided about.
func (d desk) open(ctx context.Context, key string) (store.Draft, *plan.Plan, error) {
	x, err := d.find(ctx, key)
	if err != nil {
		return x, nil, err
	}
	if x.State != store.DraftOpen {
		return x, nil, &Problem{Kind: Usage, Words: fmt.Sprintf("草稿 %s %s（%s），不能再改", key, stateWords[x.State], minuteOf(d.stamp(time.UnixMilli(x.Done))))}
	}
	p, err := plan.FromJSON([]byte(x.Body))
	return x, p, err
}

var stateWords = map[string]string{store.DraftOpen: "待确认", store.DraftConfirmed: "已确认", store.DraftDiscarded: "已作废", store.DraftReplaced: "已由新稿替换"}

func minuteOf(stamp string) string {
	t, err := time.Parse(time.RFC3339, stamp)
	if err != nil {
		return stamp
	}
	return t.Format("2006-01-02 15:04")
}

func (d desk) decideDraft(ctx context.Context, q DraftDecision) (Review, error) {
	x, p, err := d.open(ctx, q.Key)
	if err != nil {
		return Review{}, err
	}
	if err := d.checkDecision(&q, p); err != nil {
		return Review{}, err
	}
	if q.Issued != 0 {
		p.Issued, x.Given = q.Issued, given(x.Given, "issued")
	}
	if q.Until != 0 {
		p.Until, x.Given = q.Until, given(x.Given, "until")
	}
	for i := range p.Items {
		if slices.Contains(q.Items, p.Items[i].No) {
			p.Items[i].Decided = decided(p.Items[i].Decided, &q)
		}
	}
	body, err := json.Marshal(p)
	if err != nil {
		return Review{}, fmt.Errorf("control: draft %s: %w", q.Key, err)
	}
	x.Body = string(body)
	if err := d.SetDraft(ctx, x); err != nil {
		return Review{}, draftError(err)
	}
	return d.review(ctx, DraftRef{q.Key})
}

func given(was, more string) string {
	if slices.Contains(strings.Fields(was), more) {
		return was
	}
	return strings.TrimSpace(was + " " + more)
}

func (d desk) checkDecision(q *DraftDecision, p *plan.Plan) error {
	for i, u := range q.Lead {
		if len(d.Org.Members(u)) == 0 {
			return &Problem{Kind: Usage, Words: "组织机构中没有“" + u + "”"}
		}
		if unit, ok := d.Org.Unit(u); ok {
			q.Lead[i] = unit.Name
		}
	}
	for _, no := range q.Items {
		if _, ok := p.Item(no); !ok {
			return &Problem{Kind: Usage, Words: fmt.Sprintf("草稿 %s 没有事项 %s", q.Key, no)}
		}
	}
	if issued := max(q.Issued, p.Issued); q.Until != 0 && q.Until < issued {
		return &Problem{Kind: Usage, Words: fmt.Sprintf("截止日 %s 早于印发日期 %s", q.Until, issued)}
	}
	return nil
}

// decided joins a new decision with what was decided before. Of date, usual time
// and 长期坚持 the newest holds.
func decided(was *plan.Decision, q *DraftDecision) *plan.Decision {
	var d plan.Decision
	if was != nil && !q.Clear {
		d = *was
	}
	if len(q.Lead) > 0 {
		d.Lead = q.Lead
	}
	if q.Due != 0 || q.Usual != 0 || q.Keep {
		d.Due, d.Usual, d.Keep = q.Due, q.Usual, q.Keep
	}
	d.Sensitive = d.Sensitive || q.Sensitive
	d.Drop = d.Drop || q.Drop
	if d.None() {
		return nil
	}
	return &d
}

// draftError puts what the store says into words.
func draftError(err error) error {
	if errors.Is(err, store.ErrDraftMoved) {
		return &Problem{Kind: Conflict, Words: "草稿或计划刚被他人改动，请重新查看后再办"}
	}
	return err
}

func (d desk) discard(ctx context.Context, q DraftRef) (DraftLine, error) {
	x, _, err := d.open(ctx, q.Key)
	if err != nil {
		return DraftLine{}, err
	}
	x.State = store.DraftDiscarded
	if err := d.SetDraft(ctx, x); err != nil {
		return DraftLine{}, draftError(err)
	}
	x.Done = d.Now().UnixMilli()
	return d.draftLine(&x), nil
}

func (d desk) drafts(ctx context.Context, _ struct{}) ([]DraftLine, error) {
	all, err := d.DB.DraftHeads(ctx)
	out := []DraftLine{}
	for i := range all {
		out = append(out, d.draftLine(&all[i]))
	}
	return out, err
}

func (d desk) draftLine(x *store.Draft) DraftLine {
	l := DraftLine{Key: x.Plan, Title: x.Title, File: x.File, State: x.State, Imported: d.stamp(time.UnixMilli(x.Imported))}
	if x.Done != 0 {
		l.Done, l.By = d.stamp(time.UnixMilli(x.Done)), x.By
	}
	return l
}

func (d desk) setAliases(ctx context.Context, q AliasSet) ([]AliasLine, error) {
	by, err := d.officer(q.By)
	if err != nil {
		return nil, err
	}
	who := ""
	if by != nil {
		who = by.ID
	}
	for printed, unit := range q.Names {
		if err := d.checkAlias(printed, unit); err != nil {
			return nil, err
		}
	}
	for printed, unit := range q.Names {
		if u, ok := d.Org.Unit(unit); ok {
			unit = u.Name
		}
		if err := d.SetAlias(ctx, printed, unit, who); err != nil {
			return nil, err
		}
	}
	return d.aliases(ctx, struct{}{})
}

func (d desk) checkAlias(printed, unit string) error {
	switch {
	case draft.Squeeze(printed) == "":
		return &Problem{Kind: Usage, Words: "别名写作：印出的名称=单位名称"}
	case len(d.Org.Members(unit)) == 0:
		return &Problem{Kind: Usage, Words: "组织机构中没有“" + unit + "”"}
	case len(d.Org.Members(printed)) > 0:
		return &Problem{Kind: Usage, Words: "“" + printed + "”本就在组织机构中，不能另作别名"}
	}
	return nil
}

func (d desk) aliases(ctx context.Context, _ struct{}) ([]AliasLine, error) {
	all, err := d.DB.Aliases(ctx)
	out := []AliasLine{}
	for _, a := range all {
		out = append(out, AliasLine{Printed: a.Printed, Unit: a.Unit, By: a.By, Said: d.stamp(time.UnixMilli(a.Said))})
	}
	return out, err
}

// officer is a person of the office; nil when none is named.
func (d desk) officer(by string) (*org.Person, error) {
	if by == "" {
		return nil, nil
	}
	p, err := d.person(by)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(d.Org.Officers(d.Calendar.DateOf(d.Now())), func(o org.Person) bool { return o.ID == p.ID }) {
		return nil, &Problem{Kind: Usage, Words: p.Name + "今日不在" + d.Org.Office().Name + "任职，不能确认计划"}
	}
	return &p, nil
}
