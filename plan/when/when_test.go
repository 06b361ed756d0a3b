package when_test

import (
	"fmt"
	"strings"
	"testing"

	"duban/engine/calendar"
	"duban/plan"
	"duban/plan/when"
)

// A plan of 2023, issued on Wednesday 15 March.
var issued = when.Context{Issued: calendar.Of(2023, 3, 15), Year: 2023}

// short is a reading in a few letters: kind, start..end, cadence, number.
func short(f when.Found) string {
	s := string(f.Kind)
	switch {
	case f.Kind == "":
		return "no such date"
	case f.Kind == plan.Cadence:
		s += " " + f.Cadence
		if f.Count > 0 {
			s += fmt.Sprintf(" %d", f.Count)
		}
		if f.AtLeast {
			s += "+"
		}
		return s
	case f.Start != 0:
		s += " " + f.Start.String() + ".." + f.End.String()
	case f.End != 0:
		s += " " + f.End.String()
	}
	if f.AltEnd != 0 {
		s += " or " + f.AltEnd.String()
	}
	if f.Trigger != "" {
		s += " " + f.Trigger
	}
	return s
}

func shorts(found []when.Found) string {
	var all []string
	for _, f := range found {
		all = append(all, short(f))
	}
	return strings.Join(all, "; ")
}

// expectations are lines of "expression = reading"; no reading: no deadline.
func expectations(t *testing.T, read func(string, when.Context) []when.Found, c when.Context, lines string) {
	t.Helper()
	for line := range strings.Lines(lines) {
		expr, want, ok := strings.Cut(line, "=")
		if !ok {
			continue
		}
		expr, want = strings.TrimSpace(expr), strings.TrimSpace(want)
		if got := shorts(read(expr, c)); got != want {
			t.Errorf("%s\n got %q\nwant %q", expr, got, want)
		}
	}
}

func TestPoints(t *testing.T) {
	expectations(t, when.Alone, issued, `
		5月底 = point 2023-05-31
		5月末前 = point 2023-05-31
		十一月底前 = point 2023-11-30
		二〇二四年五月底前 = point 2024-05-31
		2024年2月底 = point 2024-02-29
		5月20日前 = point 2023-05-20
		2024年5月20日以前 = point 2024-05-20
		2023.5.20 = point 2023-05-20
		2023-05-20 = point 2023-05-20
		2023/5/20前 = point 2023-05-20
		6.20前 = point 2023-06-20
		5月20日（星期六）17:00前 = point 2023-05-20
		5月20日下午5时前 = point 2023-05-20
		5月20号左右 = point 2023-05-20
		５月２０日前 = point 2023-05-20
		5 月 20 日 前 = point 2023-05-20
		2024 年 5 月低 = point 2024-05-31
		年底前 = point 2023-12-31
		明年6月底 = point 2024-06-30
		次年1月底前 = point 2024-01-31
		本月25日前 = point 2023-03-25
		下月5日前 = point 2023-04-05
		本周五 = point 2023-03-17
		下周三前 = point 2023-03-22
		周五前 = point 2023-03-17
		周一前 = point 2023-03-20
		25日前 = point 2023-03-25
		10日前 = point 2023-04-10
		到2027年 = point 2027-12-31
		三季度末 = point 2023-09-30
		“十四五”末 = point 2025-12-31
		十五五末 = point 2030-12-31
		年内 = point 2023-12-31
		24年5月底前 = point 2024-05-31
		5月20日（含）前 = point 2023-05-20
		5月20日17时30分前 = point 2023-05-20
		国庆假期前 = point 2023-09-30
		元月底前 = point 2023-01-31
		二0二四年五月底前 = point 2024-05-31
	`)
}

func TestBeforeAStretchIsBeforeItBegins(t *testing.T) {
	expectations(t, when.Alone, issued, `
		2026年前 = point 2025-12-31 or 2026-12-31
		6月前 = point 2023-05-31 or 2023-06-30
		6月中旬前 = point 2023-06-10 or 2023-06-20
		四季度前 = point 2023-09-30 or 2023-12-31
		2023年前 = point 2023-12-31
	`)
}

func TestFestivals(t *testing.T) {
	expectations(t, when.Alone, issued, `
		七一前 = point 2023-06-30
		五四青年节前 = point 2023-05-03
		国庆节前 = point 2023-09-30
		十一前 = point 2023-09-30
		十一月前 = point 2023-10-31 or 2023-11-30
		元旦前 = point 2023-12-31
		2024年元旦前 = point 2023-12-31
		清明节前 = point 2023-04-04
		端午节前 = point 2023-06-21 lunar
		中秋前 = point 2023-09-28 lunar
		重阳节前 = point 2023-10-22 lunar
		春节前 = point 2024-02-09 lunar
		2023年元宵节前 = point 2023-02-04 lunar
		除夕前 = point 2024-02-08 lunar
		国庆期间 = point 2023-10-01
		2025年春节后 = open 2025-01-30.. lunar
		七一勋章 =
		双十一前 =
	`)
}

func TestRanges(t *testing.T) {
	expectations(t, when.Alone, issued, `
		4-11月 = range 2023-04-01..2023-11-30
		4～11月 = range 2023-04-01..2023-11-30
		4月至11月底 = range 2023-04-01..2023-11-30
		4月5日—20日 = range 2023-04-05..2023-04-20
		4.5-4.20 = range 2023-04-05..2023-04-20
		4月5-20日 = range 2023-04-05..2023-04-20
		2024年3月—5月 = range 2024-03-01..2024-05-31
		2024.3-2024.12 = range 2024-03-01..2024-12-31
		4月中旬至5月上旬 = range 2023-04-11..2023-05-10
		12月—次年2月 = range 2023-12-01..2024-02-29
		2024—2026年 = range 2024-01-01..2026-12-31
		2023-2024学年 = range 2023-09-01..2024-08-31
		即日起至5月15日 = range 2023-03-15..2023-05-15
		5月中下旬 = range 2023-05-11..2023-05-31
		5月份 = range 2023-05-01..2023-05-31
		第四季度 = range 2023-10-01..2023-12-31
		下半年 = range 2023-07-01..2023-12-31
		2025年 = range 2025-01-01..2025-12-31
		全年 = range 2023-01-01..2023-12-31
		自5月中旬起 = open 2023-05-11..
		5月1日起 = open 2023-05-01..
	`)
}

func TestCadences(t *testing.T) {
	expectations(t, when.Alone, issued, `
		每月一次 = cadence P1M 1
		每月召开例会1次 = cadence P1M 1
		每两周一次 = cadence P2W 1
		每周一 = cadence P1W
		每周一次 = cadence P1W 1
		每周一、三下午 = cadence P1W
		每周一通报 = cadence P1W 1
		每月一调度 = cadence P1M 1
		每日一练 = cadence P1D 1
		每季度不少于3次 = cadence P3M 3+
		每季度开展3次以上 = cadence P3M 3+
		每年培训2-3次 = cadence P1Y
		每年集中学习时间一般不低于30学时 = cadence P1Y 30+
		每年推出一批 = cadence P1Y
		每年6月、12月底前 = cadence P1Y
		每年3、6、9月 = cadence P1Y
		每月第二个周三 = cadence P1M
		每月最后一个工作日 = cadence P1M
		每学期开学前 = cadence term
		每年的3月 = cadence P1Y
		每周周五下午 = cadence P1W
		每学期开学第一周 = cadence term
		每学年第一学期开学后一个月内 = cadence P1Y
		每学期与每位学生谈心至少2次 = cadence term 2+
		每学期期中、期末 = cadence term
		每季度结束后10日内 = cadence P3M
		每年年中和年底 = cadence P1Y
		双周一次 = cadence P2W 1
		每学期第1-2周 = cadence term
		每学期听课至少6节 = cadence term 6+
		每隔两年 = cadence P4Y
		隔周 = cadence P2W
		按季 = cadence P3M
		双月 = cadence P2M
	`)
}

func TestCadencesWithoutEvery(t *testing.T) {
	expectations(t, when.Alone, issued, `
		一年三次 = cadence P1Y 3
		一周一报 = cadence P1W 1
		上半年和下半年各开展2次 = cadence P6M 2
		春季学期、秋季学期各1次 = cadence term 1
		周调度 = cadence P1W
		一月一主题 = cadence P1M 1
		一年一度 =
		季度例会 = cadence P3M
		半年自查 = cadence P6M
		全年至少开展4次 = cadence P1Y 4+
		一事一议 = cadence event
		每位教师 =
		每年级 =
		每次不少于2小时 =
		月度之星 =
	`)
}

// The engine has no name for ten days; nothing is invented for it.
func TestAPeriodThatIsNotKnownIsSaid(t *testing.T) {
	found := when.Alone("每10天一次", issued)
	if len(found) != 1 || found[0].Kind != plan.Open || found[0].Warning == "" {
		t.Errorf("%+v", found)
	}
}

func TestLengthsOfTime(t *testing.T) {
	cal := issued
	var err error
	cal.Cal, err = calendar.New([]calendar.Table{{Year: 2023, Days: []calendar.Day{{Date: calendar.Of(2023, 4, 5), Name: "清明节"}}}}, nil, calendar.Options{})
	if err != nil {
		t.Fatal(err)
	}
	expectations(t, when.Alone, cal, `
		5日内 = point 2023-03-20
		5个工作日内 = point 2023-03-22
		15个工作日内 = point 2023-04-06
		两周内 = point 2023-03-29
		两个月内 = point 2023-05-15
		半年内 = point 2023-09-15
		两年之内 = point 2025-03-15
		自发布之日起20日内 = point 2023-04-04
		本通知印发后一个月内 = point 2023-04-15
		接到通知后3日内 = point event
		会后5个工作日内 = point event
		12小时内 = point event
		缩短至10个工作日以内 =
		近两年内 =
		2023年6月内 = point 2023-06-30
	`)
}

func TestEvents(t *testing.T) {
	expectations(t, when.Alone, issued, `
		组织生活会召开前 = point event
		运动会开幕前 = point event
		开学前 = point event
		暑假期间 = point event
		开学第二周 = point event
		会前 = point event
		学期末 = point event
		第8周前 = point event
		当日 = point event
		从2024年春季学期开始 = open event
	`)
}

func TestOpenWords(t *testing.T) {
	expectations(t, when.Alone, issued, `
		定期 = open
		隨到隨辦 = open
		持续推进 = open
		按上级通知要求 = open
		根据工作进度 = open
	`)
}

// With the school calendar the same words have days.
func TestTermsOfTheSchoolCalendar(t *testing.T) {
	c := issued
	var err error
	c.Cal, err = calendar.New(nil, []calendar.Term{
		{Name: "春", Start: calendar.Of(2023, 2, 20), End: calendar.Of(2023, 7, 7)},
		{Name: "秋", Start: calendar.Of(2023, 9, 4), End: calendar.Of(2024, 1, 19)},
	}, calendar.Options{})
	if err != nil {
		t.Fatal(err)
	}
	expectations(t, when.Alone, c, `
		学期末 = point 2023-07-07
		本学期末前 = point 2023-07-07
		下学期 = point 2024-01-19
		开学前 = point 2023-09-03
		暑假前 = point 2023-07-07
		第10周 = point 2023-04-30
		第10周前 = point 2023-04-23 or 2023-04-30
		从2023年秋季学期开始 = open 2023-09-04..
		2023年秋季学期末 = point 2024-01-19
		期中考试前 = point event
	`)
}

func TestDatesThatDoNotExistAreWarnings(t *testing.T) {
	for _, expr := range []string{"2月30日前", "2023年2月29日", "4月31日", "13月底前", "6月-3月", "2024年5月至2024年2月"} {
		found := when.Alone(expr, issued)
		if len(found) != 1 || found[0].Kind != "" || found[0].Warning == "" || found[0].End != 0 {
			t.Errorf("%s: %+v", expr, found)
		}
	}
	if found := when.Alone("2024年2月29日", issued); shorts(found) != "point 2024-02-29" {
		t.Errorf("a leap day: %+v", found)
	}
	if found := when.Alone("11月至2月", issued); shorts(found) != "range 2023-11-01..2024-02-29" || found[0].Warning == "" {
		t.Errorf("over the year end without 次年: %+v", found)
	}
}

func TestWhatOnlyLooksLikeATime(t *testing.T) {
	expectations(t, when.Alone, issued, `
		党的二十大 =
		十八届三中全会 =
		第七届 =
		2019年版 =
		2020年修订 =
		2023年2号文件 =
		2022年10月 =
		2023年是攻坚之年 =
		2024年度培训计划 =
		《2024—2026年行动计划》 =
		“十四五”规划 =
		“五月花海” =
		一院一策 =
		一把手 =
		三会一课 =
		5-6个 =
		建校百年 =
		第二批 =
		自2024年1月1日起施行 =
		有效期至2025年12月31日 =
	`)
}

// A document has no day of issue and no year: words have a kind, but no dates.
func TestWithoutAYearNothingIsInvented(t *testing.T) {
	expectations(t, when.Column, when.Context{}, `
		年底前 = point
		6月底 = point
		2024年6月底 = point 2024-06-30
		七一前 = point
		3日内 = point event
		每月1次 = cadence P1M 1
	`)
}

func TestDecemberOrdersForTheNextSpring(t *testing.T) {
	found := when.Find("3月底前完成。", when.Context{Issued: calendar.Of(2023, 12, 20)})
	if shorts(found) != "point 2024-03-31" || found[0].Warning == "" {
		t.Errorf("%+v", found)
	}
	if got := shorts(when.Find("3月底前完成。", when.Context{Issued: calendar.Of(2023, 12, 20), Year: 2024})); got != "point 2024-03-31" {
		t.Errorf("a plan of next year: %s", got)
	}
}
