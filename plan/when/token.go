package when

import (
	"strings"
	"unicode/utf8"
)

// kind is what a token is to the grammar.
type kind uint8

const (
	other      kind = iota // a character that no rule knows
	number                 // 12, １２, 十二, 二〇二三; half a thing is the word 半
	year                   // 年
	yearWord               // 年度
	month                  // 月, 月份
	day                    // 日, 号, 天
	tenDays                // 上旬, 中下旬 …
	week                   // 周, 星期
	quarter                // 季度, 季
	term                   // 学期
	schoolYear             // 学年
	workday                // 工作日
	hour                   // 小时
	piece                  // 个
	half                   // 半
	halfYear               // 上半年, 下半年
	season                 // 春季, 秋季: names of terms
	end                    // 底, 末
	early                  // 初
	before                 // 前, 以前, 之前
	after                  // 后, 以后, 之后
	starting               // 起, 开始
	within                 // 内, 以内
	during                 // 期间, 时期
	about                  // 左右
	since                  // 以来
	upTo                   // 至, 到
	dash                   // - — ~
	from                   // 自, 从
	at                     // 于, 在
	every                  // 每
	each                   // 各
	byUnit                 // 按, 逐
	skip                   // 隔
	paired                 // 双, 单
	atLeast                // 至少, 不少于
	more                   // 以上
	measure                // 次, 场, 学时 …
	vague                  // 批, 些: no number of things
	ordinal                // 第
	last                   // 最后
	relYear                // 今年, 次年
	relMonth               // 本月, 下月
	relQuarter             // 本季度, 下季度
	relWeek                // 本周, 下周
	relDay                 // 当日, 次日
	relTerm                // 本学期
	wholeYear              // 全年
	festival               // 国庆, 春节
	fiveYear               // 十四五
	nowOn                  // 即日起
	event                  // 民主生活会, 开学
	eventLike              // 会议, 活动: an event only with a verb of holding
	termEvent              // 开学, 期中考试: an event of the school calendar
	held                   // 召开, 结束
	issued                 // 印发: the document's own coming out
	received               // 收到, 接到
	duty                   // 督办, 调度: what is done once a period
	check                  // 检查, 考核
	soft                   // 定期, 适时: open in any text
	softCell               // 及时, 持续: open where it stands alone
	fixedEvent             // 一事一议
	according              // 按照, 根据: begins 根据工作进度
	demand                 // 要求, 进度: ends it
	shorten                // 压缩, 控制: a length of time is set, no day
	service                // 审批, 受理: what takes the time
	past                   // 已, 截至
	limit                  // 完成时限: what follows is a deadline
	validity               // 有效期: what holds until a day
	edition                // 版, 修订
	attribute              // 工作, 总结: what a bare period may describe
	act                    // 完成, 召开: what a bare year may open
	dot                    // .
	slash                  // /
	colon                  // :
	clock                  // 上午, 时, 点
	pause                  // 、
	comma                  // ,
	stop                   // 。 ; line break
	open                   // “
	close                  // ”
	openTitle              // 《
	closeTitle             // 》
	openParen              // (
	closeParen             // )
	guard                  // a word that only looks like a time word: 前期
)

// token is a word, a number or a single character.
type token struct {
	kind     kind
	value    int    // of a number; what else a word means to its rule
	word     string // as folded
	digits   int    // Arabic digits; 0 for a Chinese numeral
	from, to int    // bytes in the text
	gap      bool   // a blank stands before
}

// scan cuts a text into tokens: numbers, the longest known word, else single
// characters.
func scan(text string) []token {
	cs := chars(text)
	out := make([]token, 0, len(cs))
	for i := 0; i < len(cs); {
		t, n := word(cs[i:])
		if cs[i].r == '元' && january(cs, i) {
			t = token{kind: number, value: 1, digits: 1}
		} else if num, m := numeral(cs[i:]); m > n || m == n && t.kind == other {
			t, n = num, m
		}
		t.from, t.to, t.gap = cs[i].from, cs[i+n-1].to, cs[i].gap
		if t.word == "" {
			t.word = folded(text[t.from:t.to], cs[i].r)
		}
		out = append(out, t)
		i += n
	}
	return out
}

// january tells 元月 from the end of a sum of money: 五万元月底前.
func january(cs []char, i int) bool {
	if i+1 >= len(cs) || cs[i+1].r != '月' {
		return false
	}
	return i == 0 || !strings.ContainsRune("0123456789百千万亿美港欧", cs[i-1].r)
}

// folded is the character as the grammar knows it; without a new string where
// the text has it so.
func folded(printed string, r rune) string {
	if first, n := utf8.DecodeRuneInString(printed); first == r && n == len(printed) {
		return printed
	}
	return string(r)
}

// word is the longest word of the lexicon at the start of cs, else a single
// character.
func word(cs []char) (token, int) {
	for _, e := range words[cs[0].r] {
		if matches(cs, e.runes) {
			return token{kind: e.kind, value: e.value, word: e.word}, len(e.runes)
		}
	}
	return token{}, 1
}

func matches(cs []char, word []rune) bool {
	if len(cs) < len(word) {
		return false
	}
	for i, r := range word {
		if cs[i].r != r {
			return false
		}
	}
	return true
}

// longestNumber in characters: longer runs of digits are no dates and no counts.
const longestNumber = 9

// numeral reads a number; digits that a blank separates are two numbers. A
// longer run of digits than any number has is swallowed whole as no number.
func numeral(cs []char) (token, int) {
	n := 0
	for n < len(cs) && cs[n].r >= '0' && cs[n].r <= '9' && (n == 0 || !cs[n].gap) {
		n++
	}
	switch {
	case n > longestNumber:
		return token{kind: guard}, n
	case n > 0:
		v := 0
		for _, c := range cs[:n] {
			v = v*10 + int(c.r-'0')
		}
		return token{kind: number, value: v, digits: n}, n
	}
	for n < len(cs) && n < longestNumber && (chineseDigit(cs[n].r) >= 0 || chineseUnit(cs[n].r) > 0 || zeroBetween(cs, n)) {
		n++
	}
	if n == 0 {
		return token{}, 0
	}
	return chineseNumber(cs, n)
}

// zeroBetween says that a digit 0 is typed for 〇: 二0二三年.
func zeroBetween(cs []char, n int) bool {
	return n > 0 && n+1 < len(cs) && cs[n].r == '0' && chineseDigit(cs[n+1].r) >= 0
}

func chineseDigit(r rune) int {
	for i, d := range []rune("〇一二三四五六七八九") {
		if d == r {
			return i
		}
	}
	if r == '两' {
		return 2
	}
	return -1
}

func chineseUnit(r rune) int {
	switch r {
	case '十':
		return 10
	case '廿':
		return 20
	case '卅':
		return 30
	case '百':
		return 100
	}
	return 0
}

// chineseNumber reads at most n characters: 十二, 二十五, 一百二十, or digits in
// a row as in 二〇二三. 十四五 is 十四 and the rest is left.
func chineseNumber(cs []char, n int) (token, int) {
	runes := make([]rune, n)
	positional := false
	for i, c := range cs[:n] {
		runes[i] = c.r
		positional = positional || chineseUnit(c.r) > 0
	}
	v, used := 0, n
	if positional {
		v, used = positionalNumber(runes)
	} else {
		for _, r := range runes {
			v = v*10 + max(chineseDigit(r), 0)
		}
	}
	return token{kind: number, value: v, word: string(runes[:used])}, used
}

// positionalNumber reads hundreds, tens and ones, each at most once.
func positionalNumber(rs []rune) (v, used int) {
	below, digit := 1000, -1
	for used < len(rs) {
		unit := chineseUnit(rs[used])
		switch {
		case unit == 0 && digit < 0 && below > 1:
			digit = chineseDigit(rs[used])
		case unit == 20 || unit == 30: // 廿, 卅 stand for 二十, 三十
			if digit >= 0 || below <= 10 {
				return v, used
			}
			v, below = v+unit, 10
		case unit > 0 && unit < below:
			v, below, digit = v+max(digit, 0)*unit+oneIf(digit < 0)*unit, unit, -1
		default:
			return v + max(digit, 0), used
		}
		used++
	}
	return v + max(digit, 0), used
}

func oneIf(b bool) int {
	if b {
		return 1
	}
	return 0
}
