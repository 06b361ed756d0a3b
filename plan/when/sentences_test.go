package when_test

import (
	"testing"

	"duban/plan/when"
)

// In running text the same words are found among others.
func TestDeadlinesInSentences(t *testing.T) {
	expectations(t, when.Find, issued, `
		各学院于4月20日前报送方案。 = point 2023-04-20
		请各单位最迟于4月20日下班前将材料报至办公室。 = point 2023-04-20
		不晚于5月底完成整改。 = point 2023-05-31
		原则上不迟于2023年10月底完成。 = point 2023-10-31
		本季度末前完成自查。 = point 2023-03-31
		下季度末前完成验收。 = point 2023-06-30
		于次月10日前报送上月进展。 = point 2023-04-10
		2023年一季度末前建成平台。 = point 2023-03-31
		元旦、春节前开展走访慰问。 = point 2024-02-09 lunar
		五一假期前完成隐患排查。 = point 2023-04-30
		全国两会前完成排查。 = point event
		寒假前完成资产清查。 = point event
		开学两周内完成检查。 = point event
		学期第10周组织期中教学检查。 = point event
		12月上旬组织考核。 = range 2023-12-01..2023-12-10
		3—5月开展专项行动。 = range 2023-03-01..2023-05-31
		3、4月份集中开展宣传。 = range 2023-03-01..2023-04-30
		每年3、4月份开展。 = cadence P1Y
		在3、4月集中开展宣传。 = range 2023-03-01..2023-04-30
		二、三季度推进实施。 = range 2023-04-01..2023-09-30
		于第二、三季度推进实施。 = range 2023-04-01..2023-09-30
		一至三季度完成投资70%。 = range 2023-01-01..2023-09-30
		从2023年3月起到2024年2月止，分三个阶段实施。 = range 2023-03-01..2024-02-29
		每月10日前报送进展。 = cadence P1M
		每季度末月25日前报送报表。 = cadence P3M
		每周五下班前上报情况。 = cadence P1W
		每半月调度一次。 = cadence P2W 1
		实行周调度、月通报、季考核制度。 = cadence P1W; cadence P1M; cadence P3M
		建立月报制度。 = cadence P1M
		实行月报制。 = cadence P1M
		落实日报告、零报告制度。 = cadence P1D
		实行一月一调度、一季一通报、半年一考核。 = cadence P1M 1; cadence P3M 1; cadence P6M 1
		各部门每年开展培训不少于4次，每次不少于2学时。 = cadence P1Y 4+
		每名班主任每学期家访不少于10人次。 = cadence term 10+
		领导干部每学期听课不少于4节、讲思政课不少于1次。 = cadence term 4+
		每学年至少组织1次应急演练，每学期至少2次。 = cadence P1Y 1+; cadence term 2+
		专任教师每五年到企业实践不少于6个月。 = cadence P5Y
		专任教师每5年累计不少于6个月企业实践。 = cadence P5Y
		教师每年至少1个月在企业实训。 = cadence P1Y
		自发文之日起15日内报备案。 = point 2023-03-30
		各单位收到通知后5日内报名。 = point event
		会后一周内印发纪要。 = point event
		事故发生后24小时内报告。 = point event
		发现问题24小时内上报。 = point event
		做到月月有主题、季季有活动、年年有特色。 = cadence P1M; cadence P3M; cadence P1Y
		上下半年各开展一次督查。 = cadence P6M 1
		春秋两学期各开展一次检查。 = cadence term 1
		各季度末报送统计表。 = cadence P3M
		账单月底前寄出。 = point 2023-03-31
		“十四五”期末，在校生达到1万人。 = point 2025-12-31
		到“十四五”期末实现全覆盖。 = point 2025-12-31
		年中前完成一半任务，年终前全面完成。 = point 2023-06-30; point 2023-12-31
		8月15前完成。 = point 2023-08-15
		每周一节心理课。 = cadence P1W 1
		每周两节劳动课。 = cadence P1W 2
		每天一节体育课。 = cadence P1D 1
		每天锻炼1小时。 = cadence P1D 1
		每天校内外各1小时体育活动。 = cadence P1D 1
		确保学生每天运动不少于2小时。 = cadence P1D 2+
		每天阅读不少于30分钟。 = cadence P1D 30+
		课后服务每周5天全覆盖、每天至少2小时。 = cadence P1W 5; cadence P1D 2+
		党的二十大报告提出到2035年建成教育强国。 = point 2035-12-31
		到2035年基本实现现代化。 = point 2035-12-31
		2023年秋季学期起全面实施。 = open event
		自2023年秋季学期起。 = open event
		本学期末完成总结。 = point event
		下学期开学前完成。 = point event
		2022—2023学年第二学期期末前完成。 = point event
		6月、9月、12月各召开一次。 = range 2023-06-01..2023-06-30; range 2023-09-01..2023-09-30; range 2023-12-01..2023-12-31
		3月、6月、9月、12月底前分别报送。 = point 2023-03-31; point 2023-06-30; point 2023-09-30; point 2023-12-31
		2月底、5月底、8月底前报送进展。 = point 2023-02-28; point 2023-05-31; point 2023-08-31
		每季度第一个月10日前报上季度情况。 = cadence P3M
		每年1月底、7月底前分别报送。 = cadence P1Y
		分别于6月15日、12月15日前报送半年和全年总结。 = point 2023-06-15; point 2023-12-15
		于6月20日和12月20日前报送。 = point 2023-06-20; point 2023-12-20
		6月底和12月底前各报送一次。 = point 2023-06-30; point 2023-12-31
		每年6月和12月报送。 = cadence P1Y
		每年6月底和12月底前报送。 = cadence P1Y
		2023年6月底前完成50%，2023年底前全部完成。 = point 2023-06-30; point 2023-12-31
		2023年完成60%，2024年全面完成。 = range 2024-01-01..2024-12-31
		暑假期间开展社会实践。 = point event
		国庆节前后开展。 = point 2023-10-01
		主题党日每月1次。 = cadence P1M 1
		每月25日为主题党日。 = cadence P1M
		每月第一个周三开展理论学习。 = cadence P1M
		每周三下午安排政治学习。 = cadence P1W
		一周两次升旗。 = cadence P1W 2
		一年开展两次体检。 = cadence P1Y 2
		一学期开展一次家长会。 = cadence term 1
		半年开展一次督查。 = cadence P6M 1
		至少每季度召开1次会议。 = cadence P3M 1+
		至少每半年专题研究一次。 = cadence P6M 1+
		不少于每月1次。 = cadence P1M 1+
		定期（每季度）召开例会。 = open; cadence P3M
		原则上一个季度召开一次。 = cadence P3M 1
		每月召开不少于1次、每季度不少于3次的会议。 = cadence P1M 1+; cadence P3M 3+
		5月、6月为自查阶段。 = range 2023-05-01..2023-05-31; range 2023-06-01..2023-06-30
		上半年召开一次推进会。 = range 2023-01-01..2023-06-30
		10日内免费更换。 = point 2023-03-25
		自5月起到8月底，开展百日攻坚。 = range 2023-05-01..2023-08-31
		起到示范作用，5月底前总结。 = point 2023-05-31
		单位月底前报送。 = point 2023-03-31
		逢单月召开例会，逢双月调研。 = cadence P2M; cadence P2M
		投资8月15前端项目。 = range 2023-08-01..2023-08-31
		每月至少2次、每学期至少8次进课堂。 = cadence P1M 2+; cadence term 8+
		至少召开每月例会1次。 = cadence P1M 1
		各月度计划要分解，各月初报送。 = cadence P1M
	`)
}
