package engine

// FieldKind says what a guard can do with a field.
type FieldKind string

// The kinds of field.
const (
	FieldNumber FieldKind = "number" // compared with a number: left <= 3wd
	FieldWord   FieldKind = "word"   // compared with a word: cadence = P1Y
	FieldYesNo  FieldKind = "yes-no" // stands by itself: not reported
)

// FieldType describes a field that guards may ask for.
type FieldType struct {
	Kind  FieldKind
	Arg   bool     // takes a number of work days in brackets: reported_within(5wd)
	Words []string // every value of a word field; nil: any word
}

// Fields are all fields a guard may name. Counts of days are work days.
var Fields = map[string]FieldType{
	"period":        {Kind: FieldNumber}, // from issue to the effective deadline
	"left":          {Kind: FieldNumber}, // from today to the effective deadline
	"reminders":     {Kind: FieldNumber}, // counted reminders for this deadline
	"chased":        {Kind: FieldNumber}, // papers of lateness (催办单)
	"ticks_missing": {Kind: FieldNumber}, // ticks this period still asks for
	"open":          {Kind: FieldNumber}, // children that have not ended
	"periods_left":  {Kind: FieldNumber}, // periods without a child yet
	"asked":         {Kind: FieldNumber}, // units a round asks
	"extended":      {Kind: FieldNumber}, // how often the deadline was moved later

	"cadence": {Kind: FieldWord, Words: []string{"P1D", "P1W", "P2W", "P1M", "P2M", "P3M", "P6M", "P1Y", "P2Y", "P3Y", "P4Y", "P5Y", "term", "event"}},
	"trigger": {Kind: FieldWord, Words: []string{"event", "lunar"}},
	"light":   {Kind: FieldWord, Words: []string{"green", "yellow", "orange", "red"}},
	"unit":    {Kind: FieldWord},

	"done":         {Kind: FieldYesNo}, // this period has the ticks it asks for
	"frame":        {Kind: FieldYesNo}, // a range, no deadline to remind of
	"reported":     {Kind: FieldYesNo},
	"acknowledged": {Kind: FieldYesNo},
	"deemed":       {Kind: FieldYesNo}, // 视同送达
	"instructed":   {Kind: FieldYesNo}, // 批示件
	"leader":       {Kind: FieldYesNo}, // borne by a school leader
	"sensitive":    {Kind: FieldYesNo}, // 敏感
	"early":        {Kind: FieldYesNo}, // handed in before the effective deadline
	"vacation":     {Kind: FieldYesNo}, // today is in 寒暑假
	"at_least":     {Kind: FieldYesNo}, // 至少: extras count

	"reported_within": {Kind: FieldYesNo, Arg: true},
	"phoned_within":   {Kind: FieldYesNo, Arg: true},
	"urged_within":    {Kind: FieldYesNo, Arg: true}, // 催办 by hand
}
