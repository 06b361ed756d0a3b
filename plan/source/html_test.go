package source

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding/traditionalchinese"
)

func TestHTMLAsShown(t *testing.T) {
	for name, c := range map[string]struct {
		page string
		want []string
	}{
		"paragraphs and breaks": {"<p>一、目标<br>正文</p>尾", []string{"一、目标", "正文", "尾"}},
		"white space":           {"<p>每月\n  召开 1\n次</p>", []string{"每月召开 1 次"}},
		"entities":              {"<p>&#19968;&ldquo;督导&rdquo;&nbsp;&lt;5&amp;</p>", []string{"一“督导” <5&"}},
		"nested boxes":          {strings.Repeat("<div>", 5000) + "甲" + strings.Repeat("</div>", 5000) + "<div>乙</div>", []string{"甲", "乙"}},
		"left out":              {"<script>if(a<b){}</script><style>x</style><nav>首页</nav><div class='top nav'>菜单<div>子</div></div><p>正文</p><div style='display: none'>藏</div><footer>版权</footer>", []string{"正文"}},
		"only a frame":          {"<nav><p>正文", []string{"正文"}},
		"lists":                 {"<ol><li>甲<li>乙</ol><ul><li>丙</ul><ol type=a start=3><li><p>丁</p><p>续</p><li value=9>戊</ol>", []string{"1.甲", "2.乙", "丙", "c.丁", "续", "i.戊"}},
		"rows and columns":      {"<table><tr><th colspan=2>任务<th>时间<tr><td rowspan=2>制度<td>修订<td>3月<tr><td>印发<td>4月</table>", []string{"|任务|^任务|时间|", "|制度|修订|3月|", "|^制度|印发|4月|"}},
		"row to the end":        {"<table><tr><td>甲<td rowspan=0>乙<tr><td>丙<tr><td>丁</table>", []string{"|甲|乙|", "|丙|^乙|", "|丁|^乙|"}},
		"layout":                {"<table><tr><td>首页 新闻</td><td><p>一、甲</p><p>" + strings.Repeat("长", 200) + "</p><p>二、乙</p><p>丙</p><p>丁</p></td></tr></table>", []string{"首页 新闻", "一、甲", strings.Repeat("长", 200), "二、乙", "丙", "丁"}},
		"table within layout":   {"<table><tr><td>左<td><p>" + strings.Repeat("文", 50) + "</p><table><tr><td>甲<td>乙</table>", []string{"左", strings.Repeat("文", 50), "|甲|乙|"}},
		"text between cells":    {"<table>散<tr><td>甲<td>乙</table>", []string{"散", "|甲|乙|"}},
		"wrong nesting":         {"</td></table><p>甲<tr><td>乙</p></div></li></ol>丙", []string{"甲", "乙", "丙"}},
		"inline tags":           {"<p><b>3</b>月<font color=red>底</font>前</p>", []string{"3月底前"}},
	} {
		t.Run(name, func(t *testing.T) {
			same(t, texts(t, "a.html", []byte("<html><body>"+c.page)), c.want...)
		})
	}
}

func TestHTMLByItsOwnWord(t *testing.T) {
	page := "<html><head><meta charset=\"big5\"></head><p>為做好督導工作</p>"
	content, err := traditionalchinese.Big5.NewEncoder().String(page)
	if err != nil {
		t.Fatal(err)
	}
	same(t, texts(t, "a.html", []byte(content)), "為做好督導工作")
	// What it says is wrong: the bytes decide.
	same(t, texts(t, "a.html", []byte("<html><meta charset=gb2312><p>督导工作</p>")), "督导工作")
	same(t, texts(t, "a.html", gb("<html><meta charset=utf-8><p>督导工作要点</p>")), "督导工作要点")
}
