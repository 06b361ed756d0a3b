package text

import "fmt"

// wording is how a reason speaks.
type wording struct {
	title  string               // when the line brings none
	act    string               // what the link is called: a verb
	light  lamp                 // how its light is found
	late   bool                 // speaks of lateness: never into a group
	tells  bool                 // only informs: nobody is mentioned for it
	kept   bool                 // is told in a note even where a graver notice of the same matter speaks
	topic  func(v voice) string // what a subject is about when not the matter itself
	headed func(v voice) string // ends the subject: 应于6月30日办结
	says   func(v voice) string // the whole text after 【催办】
}

// lamp says how the light of a line is found.
type lamp int

const (
	lampNone  lamp = iota // the notice is not about a unit's deadline
	lampState             // by the matter's light or its days left
	lampFresh             // not begun yet, unless time is short
	lampDone              // closed
)

// wordings has every reason of the shipped workflows.
var wordings = map[string]wording{
	// The ladder of a dated assignment.
	"issued":     {title: "交办", act: "签收", light: lampFresh, headed: issuedTail, says: issued},
	"unsigned":   {title: "待签收", act: "签收", light: lampFresh, headed: fixed("尚未签收"), says: unsigned},
	"week_ahead": {title: "提醒", act: "反馈", light: lampState, headed: dueTail, says: ahead("请统筹安排。")},
	"three_days": {title: "提醒", act: "反馈", light: lampState, headed: dueTail, says: ahead("请抓紧办理，并反馈进展。")},
	"eve":        {title: "提醒", act: "反馈", light: lampState, headed: dueTail, says: ahead("尚未收到反馈，请今日反馈进展。")},
	"due_day":    {title: "到期", act: "反馈", light: lampState, headed: dueDayTail, says: dueDay},
	"overdue":    {title: "催办", act: "反馈", light: lampState, late: true, headed: dueTail, says: overdue},
	"sponsor":    {title: "请予协调", act: "查看", light: lampState, late: true, headed: overTail, says: sponsor},
	"named":      {title: "提请通报", act: "审定", light: lampState, late: true, headed: overTail, says: named},
	"principal":  {title: "专报", act: "查看", light: lampState, late: true, headed: overTail, says: principal},

	// What the office or a leader decided.
	"urged":      {title: "催办", kept: true, act: "反馈", light: lampState, headed: fixed("请尽快反馈进展"), says: urged},
	"instructed": {title: "批示", kept: true, act: "反馈", light: lampState, headed: fixed("请按批示办理"), says: instructed},
	"returned":   {title: "退回补正", kept: true, act: "补正", light: lampState, headed: beforeTail("补正"), says: returned},
	"extended":   {title: "同意延期", kept: true, act: "查看", light: lampState, tells: true, headed: extendedTail, says: extended},
	"refused":    {title: "未予同意", kept: true, act: "查看", light: lampState, headed: fixed("申请未予同意"), says: refused},
	"suspended":  {title: "暂缓", kept: true, act: "查看", tells: true, headed: fixed("暂缓办理"), says: suspended},
	"resumed":    {title: "恢复办理", kept: true, act: "查看", light: lampState, headed: fixed("恢复办理"), says: resumed},
	"reopened":   {title: "重新办理", kept: true, act: "查看", light: lampState, headed: beforeTail("重新办理"), says: reopened},
	"cancelled":  {title: "撤销", kept: true, act: "查看", tells: true, headed: fixed("已撤销"), says: cancelled},
	"thanks":     {title: "感谢", act: "查看", light: lampDone, tells: true, headed: fixed("已提前办结"), says: thanks},

	// What waits for the office.
	"close_asked":     {title: "申请办结", kept: true, act: "审核", headed: fixed("待审核"), says: closeAsked},
	"contested":       {title: "申请调整", kept: true, act: "审核", headed: fixed("待审核"), says: contested},
	"extension_asked": {title: "申请延期", kept: true, act: "审核", headed: fixed("待审核"), says: extensionAsked},
	"office_limit":    {title: "待审核", act: "审核", tells: true, topic: limitTopic, headed: limitTail, says: officeLimit},
	"weekly":          {title: "本周要点", act: "查看", tells: true, topic: weeklyTopic, headed: weeklyTail, says: weekly},

	// Event-anchored matters and cadences.
	"ask_date":     {title: "待定日期", act: "填报日期", headed: fixed("请确定日期"), says: askDate},
	"sixty_days":   {title: "提醒", act: "反馈", light: lampState, headed: dueTail, says: ahead("请及早安排。")},
	"twenty_days":  {title: "提醒", act: "反馈", light: lampState, headed: dueTail, says: ahead("请抓紧落实，并反馈进展。")},
	"term_week_10": {title: "提醒", act: "反馈", light: lampState, headed: dueTail, says: inWeek(10, "请合理安排。")},
	"term_week_16": {title: "提醒", act: "反馈", light: lampState, headed: dueTail, says: inWeek(16, "请抓紧完成并登记。")},

	// The month's supervision.
	"round_ask":    {title: "月度反馈", act: "反馈", topic: voice.round, headed: roundTail, says: roundAsk},
	"round_remind": {title: "月度反馈", act: "反馈", topic: voice.round, headed: roundTail, says: roundRemind},
	"round_due":    {title: "月度反馈", act: "反馈", topic: voice.round, headed: roundDueTail, says: roundDue},
	"round_opened": {title: "月度督办", act: "查看", tells: true, topic: voice.round, headed: fixed("已启动"), says: roundOpened},
	"round_notice": {title: "月度督办", act: "查看", tells: true, topic: voice.round, headed: fixed("已开始"), says: roundNotice},
	"bulletin_due": {title: "通报", act: "审定", tells: true, topic: bulletin, headed: fixed("应于今日印发"), says: bulletinDue},

	// The stage review and the year's summary.
	"review_ask":    {title: "自评", act: "报送", headed: beforeTail("报送自评"), says: reviewAsk},
	"review_remind": {title: "自评", act: "报送", headed: beforeTail("报送自评"), says: reviewRemind},
	"review_due":    {title: "自评", act: "报送", headed: fixed("自评今日截止"), says: reviewDue},
	"review_draft":  {title: "点评起草", act: "起草", light: lampState, headed: dueTail, says: reviewDraft},
}

// general speaks for a reason that nobody wrote words for.
var general = wording{title: "督办", act: "查看", light: lampState, headed: dueTail, says: func(v voice) string {
	if v.date() == 0 {
		return v.name() + "有新的督办通知，请及时查看办理。"
	}
	return v.owed() + "，请及时查看办理。"
}}

func wordingOf(reason string) wording {
	if w, ok := wordings[reason]; ok {
		return w
	}
	return general
}

// fixed ends every subject with the same words.
func fixed(s string) func(voice) string { return func(voice) string { return s } }

// dueTail is 应于6月30日办结.
func dueTail(v voice) string {
	if v.date() == 0 {
		return "请抓紧办理"
	}
	return "应于" + v.short(v.date()) + "办结"
}

func dueDayTail(v voice) string {
	if v.Left == 0 {
		return "今日到期"
	}
	return dueTail(v)
}

// overTail is 逾期3个工作日.
func overTail(v voice) string { return fmt.Sprintf("逾期%d个工作日", max(1, -v.Left)) }

// beforeTail is 请于7月5日前补正.
func beforeTail(verb string) func(voice) string {
	return func(v voice) string {
		if v.date() == 0 {
			return "请尽快" + verb
		}
		return "请于" + v.short(v.date()) + "前" + verb
	}
}
