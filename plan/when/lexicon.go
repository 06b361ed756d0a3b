package when

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// lexicon is every word of the grammar by kind; value is what its rule takes
// from it. Longest words are tried first, so a word that only begins like a
// time word (前期) is kept whole by being a guard.
var lexicon = []struct {
	kind  kind
	value int
	words string
}{
	{year, 0, "年"},
	{yearWord, 0, "年度"},
	{month, 0, "月"}, {month, 1, "月份"}, // 1: the month as a whole
	{day, 0, "日 号"}, {day, 1, "天"}, // 1: a length, never a day of the month
	{tenDays, 11, "上旬"}, {tenDays, 22, "中旬"}, {tenDays, 33, "下旬"}, {tenDays, 12, "上中旬"}, {tenDays, 23, "中下旬"},
	{week, 0, "周 星期 礼拜 周期间"},
	{quarter, 0, "季度 季"},
	{term, 0, "学期"},
	{schoolYear, 0, "学年 学年度"},
	{workday, 0, "工作日"},
	{hour, 0, "小时 钟头"},
	{piece, 0, "个"},
	{half, 0, "半"},
	{halfYear, 1, "上半年"}, {halfYear, 2, "下半年"},
	{season, 1, "春季"}, {season, 2, "秋季"},
	{end, 0, "底 末 低 底末"}, // 低 is a common misprint of 底
	{early, 0, "初"},
	{before, 0, "前 以前 之前 前夕"},
	{after, 0, "后 以后 之后"},
	{starting, 0, "起 开始"},
	{within, 0, "内 以内 之内"},
	{during, 0, "期间 时期"},
	{about, 0, "左右 前后"},
	{since, 0, "以来"},
	{upTo, 0, "至 到"},
	{dash, 0, "~ ~~"},
	{from, 0, "自 从"},
	{at, 0, "于 在"},
	{every, 0, "每 每逢"},
	{each, 0, "各"},
	{byUnit, 0, "按"}, {byUnit, 1, "逐"},
	{skip, 0, "隔"},
	{paired, 0, "双"}, {paired, 1, "单"}, // 1: only where a clause begins, or after 每, 逢
	{atLeast, 0, "至少 不少于 不低于 不得少于 不得低于 最少 起码 原则上不少于 不下于"},
	{more, 0, "以上 及以上 或以上"},
	{measure, 0, "次 场 期 回 遍 轮 趟 学时 课时 篇 名 人 人次 场次 位 项 家 所 件 份 节 堂 例 门 部 本 种 类 支 套 课 讲 户 条 课次 批次 场(次) 分钟"},
	{vague, 0, "批 些 系列 定 流 体 线 般 致 样 同 并 起 道"},
	{ordinal, 0, "第"},
	{last, 0, "最后"},
	{relYear, 0, "今年 本年 当年"}, {relYear, 1, "明年 次年 翌年 来年 下一年"}, {relYear, -1, "去年 上年 上一年"},
	{relMonth, 0, "本月 当月"}, {relMonth, 1, "下月 下个月 次月"},
	{relQuarter, 0, "本季度 本季 当季度"}, {relQuarter, 1, "下季度 下一季度 下个季度 次季度"},
	{relWeek, 0, "本周 这周"}, {relWeek, 1, "下周"},
	{relDay, 0, "当日 当天 即日"}, {relDay, 1, "次日 翌日 第二天"},
	{relTerm, 0, "本学期 这学期"}, {relTerm, 1, "下学期"},
	{wholeYear, 0, "全年"},
	{festival, newYear, "元旦"}, {festival, newYearsEve, "除夕"}, {festival, spring, "春节"}, {festival, lantern, "元宵 元宵节"},
	{festival, women, "妇女节 三八节"}, {festival, tombs, "清明 清明节"}, {festival, labour, "劳动节 五一节"}, {festival, youth, "青年节"},
	{festival, dragon, "端午 端午节"}, {festival, children, "儿童节 六一儿童节"}, {festival, party, "建党节"}, {festival, army, "建军节 八一建军节"},
	{festival, autumn, "中秋 中秋节"}, {festival, teachers, "教师节"}, {festival, national, "国庆 国庆节"}, {festival, ninth, "重阳 重阳节"},
	{fiveYear, 11, "十一五"}, {fiveYear, 12, "十二五"}, {fiveYear, 13, "十三五"}, {fiveYear, 14, "十四五"}, {fiveYear, 15, "十五五"}, {fiveYear, 16, "十六五"},
	{nowOn, 0, "即日起 自即日起 从即日起 从现在起 从现在开始 印发之日起 自印发之日起 发布之日起 自发布之日起"},
	{event, 0, "民主生活会 组织生活会 生活会 党代会 教代会 职代会 团代会 学代会 工代会 教职工代表大会 党员代表大会 毕业典礼 开学典礼 校庆 两会 换届 换届选举 运动会 汛期 供暖 高考 中考"},
	{termEvent, 1, "开学"}, {termEvent, 2, "暑假 寒假 暑期 放假 期末考试 期末 学期结束"}, {termEvent, 3, "期中考试 期中 期中教学检查"}, {termEvent, 4, "毕业 离校 新生入学 新生报到 入学 军训 返校"},
	{eventLike, 0, "会议 会 大会 年会 座谈会 活动 检查 评估 验收 比赛 大赛 考试 项目 培训 演练 论坛 巡察 巡视 审计 督导 典礼 庆典 仪式 选举 招生 竣工 开工"},
	{held, 0, "召开 举行 举办 开始 结束 闭幕 开幕 启动 完成 进行 开展 到来"},
	{issued, 0, "印发 发布 下发 公布 发文 出台 文件印发 方案印发"},
	{received, 0, "收到 接到 收文 受理 接报 接件"},
	{duty, 0, "督办 调度 通报 报告 汇报 研判 分析 会商 例会 小结 总结 点评 反馈 交账 报送 上报 更新 公示 晾晒 亮晒 排名 检查 督查 自查 巡查 抽查 考核 评估 评比 评价 盘点 监测 报 结 清 议 查 评 审 督 比 训 课"},
	{check, 0, "检查 自查 督查 巡查 评估 体检 审计 测评 盘点 述职 普查 排查"}, {check, 1, "考核 考评"}, // 1: also a standing procedure
	{soft, 0, "定期 不定期 适时 常态化 长期"},
	{softCell, 0, "及时 即时 立即 尽快 随时 持续 动态 日常 经常 立行立改 立说立行 立整立改 即知即改 即查即改 边查边改 立查立改 马上 今后几年 近期 今后 随到随办 逐步 常年 全程 全过程 贯穿始终 按时 按期 按需 视情 分阶段 分步 抓紧 从速 限期 限时 不间断 分批 即行即改 即收即办 随叫随到 立知立改 尽早 早日 实时 第一时间 阶段性 滚动 分年度 即刻 立刻 择机 同步 中期 远期 常态 不断 有序推进"},
	{fixedEvent, 0, "一事一议 一会一报 一事一报 一事一报告 一会一报告 一事一审 一案一报 有案必查 一会一审 逢会必报"},
	{according, 0, "按照 按 根据 依据 视"},
	{demand, 0, "要求 进度 安排 部署 情况 节点 需要 计划 通知 规定"},
	{shorten, 0, "压缩 缩短 压减 控制 减少 减 精简 限定 缩减 降 提速"},
	{service, 0, "审批 受理 办理 办结 审核 审查 许可 登记 退税 开办 申请 投诉 周期 公示 答复 补贴 出证 交易"},
	{past, 0, "已 已经 曾 截至 截止到 截止至 累计 共计 过去 近 最近 前期 历年 早在"},
	{limit, 0, "完成时限 完成时间 完成期限 完成日期 时限要求 时间要求 办结时限 整改时限 整改期限 截止时间 截止日期 截止 时限 时间节点 期限 进度要求"},
	{validity, 0, "有效期 有效期限 试行期 聘期 任期 服务期"},
	{edition, 0, "版 本 修订 新修订 修正 修改 新版"},
	{attribute, 0, "的 工作 总结 计划 要点 任务 报告 经济 预算 决算 学习 重点 目标 规划 方案 中心 招生 毕业 级 届 以来 主要 工作要点 公开 政府 民生 实事 高考 统计 数据 财政 同期 考核 绩效"},
	{act, 0, "完成 实现 建成 达到 出台 启动 召开 举办 开展 组织 力争 争取 基本 全面 确保 推进 全部 新建 新增 将 内 拟 计划 分别"},
	{dot, 0, "."}, {slash, 0, "/"}, {colon, 0, ":"},
	{clock, 0, "时 点 点钟 上午 下午 中午 晚 晚上 凌晨"},
	{pause, 0, "、"}, {comma, 0, ","}, {stop, 0, "。 ; ! ? \n"},
	{open, 0, "“"}, {close, 0, "”"}, {openTitle, 0, "《"}, {closeTitle, 0, "》"}, {openParen, 0, "("}, {closeParen, 0, ")"},
	{guard, 0, "前期 前置 前往 前列 前提 前瞻 前沿 前来 前台 前者 前三 前后端 前端 前进 后续 后期 后备 后勤 后者 后台 后盾 内容 内部 内设 内涵 内外 内控 起草 起步 起点 起来 起到 到位 到达 到期 到底 至今 至关 甚至 以至 乃至 底线 底数 底色 底部 底稿 底蕴 末位 末端 初步 初级 初心 初中 初任 初次 初赛 初审 低保 低碳 低年级 低收入 目前 提前 当前 此前 事前 课前 跟前 眼前 按规定 逐一 逐项 逐条 逐人 逐级 逐校 逐个 每当 各类 各级 各种 内生 内需 自身 自己 自主 自觉 自愿 自我 自学 自治 自然 自信 自动 自律 自行 从严 从事 从业 从而 在校 在线 在职 在编 在岗 关于 对于 由于 基于 等于 善于 敢于 属于 用于 便于 终于 期刊 期望 部门 部分 部署 部长 本科 本校 本职 本地 本单位 本部门 类型 类别 人员 人才 人民 人数 人事 名单 名师 名誉 项目化 家长 家庭 所有 所属 所在 份额 节约 节能 节点 门槛 种植 套餐 课程 课堂 课题 课外 条件 条例 例如 位置 讲话 讲座 讲课 回访 回头 回应 轮训 轮岗 次序 次要 期满 户籍 支部 支持 支撑 支出 报名 结合 结果 清单 清廉 审议"},
	{guard, 1, "周年 年级 生日 工作日志 节日 假日 日前召开 周边 周围 周期 周密 月刊 双月刊 半月刊 季刊 周刊 双周刊 旬刊 十月革命 季节 年龄 年轻 年代 年均 年鉴"}, // names that hold a unit
}

// entry is a word of the lexicon.
type entry struct {
	word  string
	runes []rune
	kind  kind
	value int
}

// words is the lexicon by first character, longest first.
var words = index()

func index() map[rune][]entry {
	m := map[rune][]entry{}
	for _, l := range lexicon {
		for _, w := range strings.FieldsFunc(l.words, func(r rune) bool { return r == ' ' }) {
			first, _ := utf8.DecodeRuneInString(w)
			if !slices.ContainsFunc(m[first], func(e entry) bool { return e.word == w }) { // the first line of two wins
				m[first] = append(m[first], entry{w, []rune(w), l.kind, l.value})
			}
		}
	}
	for r := range m {
		slices.SortStableFunc(m[r], func(a, b entry) int { return cmp.Compare(len(b.runes), len(a.runes)) })
	}
	return m
}
