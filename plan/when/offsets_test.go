package when_test

import (
	"testing"

	"duban/plan/when"
)

// A length of time counts from the issue, or waits for what it is counted from.
func TestOffsetsAsPeopleTypeThem(t *testing.T) {
	expectations(t, when.Alone, issued, `
		10个工作日内 = point 2023-03-29
		十个工作日内 = point 2023-03-29
		自发文之日起15日内 = point 2023-03-30
		自印发之日起30日内 = point 2023-04-14
		自本通知印发之日起1个月内 = point 2023-04-15
		文件印发后10个工作日内 = point 2023-03-29
		收到通知后5日内 = point event
		会后一周内 = point event
		会议结束后3个工作日内 = point event
		两个月内 = point 2023-05-15
		半年内 = point 2023-09-15
		一年内 = point 2024-03-15
		三个月之内 = point 2023-06-15
		3个月以内 = point 2023-06-15
		三年内 = point 2026-03-15
		两周内 = point 2023-03-29
		一周之内 = point 2023-03-22
		24小时内 = point event
		48小时内 = point event
		15天内 = point 2023-03-30
		十五日内 = point 2023-03-30
		半个月内 = point 2023-03-30
		一个季度内 = point 2023-06-15
		当天 = point event
		当日 = point event
		次日 = point event
		验收合格后1个月内 = point event
		立项后三个月内 = point event
		活动结束后一周内 = point event
	`)
}
