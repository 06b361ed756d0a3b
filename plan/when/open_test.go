package when_test

import (
	"testing"

	"duban/plan/when"
)

// A word that sets no day is kept as it is, for a person to decide.
func TestOpenWordsSetNoDay(t *testing.T) {
	expectations(t, when.Alone, issued, `
		长期 = open
		长期坚持 = open
		持续 = open
		持续推进 = open
		常态化 = open
		常态化推进 = open
		即知即改 = open
		立行立改 = open
		立知立改 = open
		即查即改 = open
		边查边改 = open
		尽快 = open
		尽早 = open
		适时 = open
		及时 = open
		适时开展 = open
		分阶段 = open
		分步实施 = open
		分批次 = open
		按进度 = open
		按进度推进 = open
		按计划推进 = open
		按上级要求 = open
		按照上级部署 = open
		按要求完成 = open
		按时完成 = open
		视情 = open
		视情况 = open
		根据实际情况 = open
		根据工作需要 = open
		全程 = open
		长期任务 = open
		长期推进 = open
		经常性 = open
		日常 = open
		日常工作 = open
		不定期 = open
		随时 = open
		立即 = open
		马上 = open
		近期 = open
		贯穿始终 = open
		动态更新 = open
		实时 = open
		第一时间 = open
		限期整改 = open
		逐步 = open
		有序推进 = open
		同步推进 = open
		阶段性推进 = open
		立整立改 = open
		今后一段时期 = open
	`)
}
