package when_test

import (
	"strings"
	"testing"

	"duban/plan"
	"duban/plan/when"
)

func TestADateTakesYearAndMonthFromTheOneBefore(t *testing.T) {
	expectations(t, when.Find, issued, `
		2024年4月底前拿出方案，10月底前建成。 = point 2024-04-30; point 2024-10-31
		5月1日—10日自查，20日前报送。 = range 2023-05-01..2023-05-10; point 2023-05-20
		5月上旬部署，中旬自查，月底前总结。 = range 2023-05-01..2023-05-10; range 2023-05-11..2023-05-20; point 2023-05-31
		拨付5万元月底前到位。 = point 2023-03-31
		到2026年达到一半。9月底前先行试点。 = point 2026-12-31; point 2023-09-30
		2023年9月试点，次年3月推广。 = range 2023-09-01..2023-09-30; range 2024-03-01..2024-03-31
		5月、11月底前各报送一次。 = point 2023-05-31; point 2023-11-30
	`)
}

func TestStagesAreRanges(t *testing.T) {
	expectations(t, when.Find, issued, `
		动员阶段（2月下旬至3月上旬） = range 2023-02-21..2023-03-10
		实施阶段（4—10月）。全面铺开。 = range 2023-04-01..2023-10-31
		11月：总结验收。 = range 2023-11-01..2023-11-30
		2月底：各单位部署。 = point 2023-02-28
		2023年4月至6月为自查阶段。 = range 2023-04-01..2023-06-30
	`)
}

func TestReportsOfThePastAreNoDeadlines(t *testing.T) {
	expectations(t, when.Find, issued, `
		截至2022年底，共建成12个基地。 =
		2022年10月印发的办法继续有效。 =
		2022年底前已完成首批改造。 =
		过去五年内未发生事故，近三年内增长一倍。 =
		2021年以来连续获奖。 =
		根据3月10日会议精神，抓好落实。 =
		去年12月底前的欠账要补上。 =
		2023年3月15日 =
	`)
}

func TestServiceTimesAreNoDeadlines(t *testing.T) {
	expectations(t, when.Find, issued, `
		将审批时限压缩至3个工作日以内。 =
		受理后5个工作日内办结。 =
		各单位收到通知后3日内报送名单。 = point event
		本意见印发之日起60日内制定细则。 = point 2023-05-14
	`)
}

func TestNamesHoldNoTime(t *testing.T) {
	expectations(t, when.Find, issued, `
		落实《2023年6月底前完成清单》。 =
		开展“四月读书会”和“最多跑一次”改革。 =
		做好12月4日国家宪法日、6月安全生产月宣传。 =
		开展三年行动计划（2023—2025年）终期评估。 =
		上半年工作总结要实事求是。 =
		报送本月进展，投入2010.5万元，举办三月三歌会。 =
		每月结算，次月5日前报送。 = cadence P1M
		开展第40个教师节、第25届推普周活动，关心每一个班级、每百名学生。 =
		按年度计划推进，本季度检查要从严。 =
		自2023年9月1日起实施的条例要学深。 =
		自2023年9月起实施强基工程。 = open 2023-09-01..
		做好2023年招生工作和2022年度考核。 =
		结合五四、七一、国庆等节点开展教育。 =
	`)
}

func TestTheNumberStandsFarBehindItsPeriod(t *testing.T) {
	text := "书记每学期至少给学生讲授形势政策课、《宪法》等课程和“第一课”2次，每月走访宿舍。"
	found := when.Find(text, issued)
	if got := shorts(found); got != "cadence term 2+; cadence P1M" {
		t.Fatalf("got %s", got)
	}
	if found[1].Text != "每月走访宿舍" {
		t.Errorf("a cadence without a number shows what is done, got %q", found[1].Text)
	}
	if got := shorts(when.Find("每年至少2次专题研究，至少1次通报。", issued)); got != "cadence P1Y 2+; cadence P1Y 1+" {
		t.Errorf("the second number has the same period: %s", got)
	}
	if got := shorts(when.Find("每年组织培训，不少于3次。", issued)); got != "cadence P1Y 3+" {
		t.Errorf("a number behind the comma: %s", got)
	}
}

func TestMechanismsWithAPeriod(t *testing.T) {
	expectations(t, when.Find, issued, `
		建立月调度、季通报、年度综合检查机制。 = cadence P1M; cadence P3M; cadence P1Y
		落实“一周一研判”制度。 = cadence P1W 1
		坚持一周一碰头，一月一分析。 = cadence P1W 1; cadence P1M 1
		纳入年度考核，编制年度预算。 =
		本月通报的、4月调度的事项要盯紧。 =
		逐年提高投入，按月通报进展。 = cadence P1M
	`)
}

func TestTheTextIsTheDocumentsOwn(t *testing.T) {
	text := "各学院要在 ５月 ２０日（周六）前报送；自4月起，每季度至少举办 1 次。"
	var got []string
	for _, f := range when.Find(text, issued) {
		got = append(got, f.Text)
		if text[f.From:f.To] != f.Text {
			t.Errorf("%q is not at %d–%d", f.Text, f.From, f.To)
		}
	}
	if s := strings.Join(got, "|"); s != "５月 ２０日（周六）前|自4月起|每季度至少举办 1 次" {
		t.Errorf("got %s", s)
	}
}

func TestAColumnIsReadMoreFreely(t *testing.T) {
	expectations(t, when.Column, issued, `
		5月 = point 2023-05-31
		2022年5月 = point 2022-05-31
		5月10日 = point 2023-05-10
		持续推进 = open
		按时间节点 = open
		6月底；12月底 = point 2023-06-30; point 2023-12-31
		长期 = open
	`)
}

func TestExplainIsOneSentence(t *testing.T) {
	for expr, want := range map[string]string{
		"5月底":     "“5月底”：截至2023年5月31日（含当日）。依据：",
		"5日内":     "自2023年3月15日起算",
		"6月前":     "从宽理解为2023年6月30日",
		"每月至少2次":  "每月至少2次（项）",
		"2月30日前":  "没有这样的日期，不作时限，请核对：2023年2月没有30日",
		"开学前":     "截止日期待定",
		"4-11月":   "自2023年4月1日至2023年11月30日",
		"自5月1日起":  "自2023年5月1日起，未设截止日期",
		"每周二":     "每周，周期性时限",
		"11月至2月":  "请核对：止期早于起期，按跨年理解",
		"即日起至6月底": "自2023年3月15日至2023年6月30日",
	} {
		found := when.Alone(expr, issued)
		if len(found) != 1 {
			t.Errorf("%s: %d readings", expr, len(found))
			continue
		}
		got := when.Explain(found[0], issued)
		if !strings.Contains(got, want) || !strings.HasSuffix(got, "。") || strings.Contains(got, "依据：。") {
			t.Errorf("%s: %s", expr, got)
		}
	}
}

// What a plan file accepts is what the grammar gives.
func TestEveryReadingPassesAPlanFile(t *testing.T) {
	for _, expr := range []string{"5月底", "3-12月", "每10天", "一会一报", "开学前", "端午节前", "2026年前", "自4月起", "上半年各1次", "年底前"} {
		for _, f := range when.Alone(expr, issued) {
			data, err := (plan.Plan{Items: []plan.Item{{No: "1", Text: "做", Deadlines: []plan.Deadline{f.Deadline}}}}).MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			if _, faults := plan.Load("x.json", data); len(faults) > 0 {
				t.Errorf("%s: %v", expr, faults)
			}
		}
	}
}

// A long text is read in pieces; places and inheritance go on over the seams.
func TestALongTextIsReadAsAWhole(t *testing.T) {
	filler := strings.Repeat("加强管理，提升水平。", 4000) // more than a piece
	text := "2024年4月底前完成。" + filler + "9月底前验收。" + strings.Repeat("长", 40000) + "每月调度1次。"
	found := when.Find(text, issued)
	if got := shorts(found); got != "point 2024-04-30; point 2024-09-30; cadence P1M 1" {
		t.Fatal(got)
	}
	for _, f := range found {
		if text[f.From:f.To] != f.Text {
			t.Errorf("%q is not at %d–%d", f.Text, f.From, f.To)
		}
	}
}

func TestACellWithoutATimeIsOpen(t *testing.T) {
	expectations(t, when.Column, issued, `
		随项目推进 = open
		— =
		无 =
		已完成 =
		《三年行动计划》 =
		第12项 =
	`)
}
