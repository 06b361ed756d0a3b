package outline

import (
	"strings"

	"duban/plan/source"
)

// Some documents are printed in traditional characters. The rules speak
// simplified ones, so a document is read with those of this table changed, and
// what was found is changed back. The characters are of one length, so all
// offsets stay. Only characters that the rules look for are here.
const (
	traditional = "牽頭責單門員處辦負廳應須與於領導學務總會組織書課業縣區鄉鎮級長團關參協進時間備標項點階劃結構檢審計評監測營網財機寶實踐訓練圖館醫診療衛環農產經濟體發訊資數據電視軍聯勞動執規則細綱訂開啟類別專題說議報個條萬億質從東廣華國歐後僅調號劉現將給們內舉強優貫徹認眞對當統籌聽證壓緊層續創設雙術驗見該為歲無確讓轉雲"
	simplified  = "牵头责单门员处办负厅应须与于领导学务总会组织书课业县区乡镇级长团关参协进时间备标项点阶划结构检审计评监测营网财机宝实践训练图馆医诊疗卫环农产经济体发讯资数据电视军联劳动执规则细纲订开启类别专题说议报个条万亿质从东广华国欧后仅调号刘现将给们内举强优贯彻认真对当统筹听证压紧层续创设双术验见该为岁无确让转云"
)

// fold is the document in simplified characters, and what changes words of it
// back; nil: it has no traditional ones. A character that the document prints in
// both forms is left alone, so that what is printed can always be told.
func fold(d *source.Document) (*source.Document, *strings.Replacer) {
	forth, back := foldsOf(d)
	if len(forth) == 0 {
		return d, nil
	}
	there := strings.NewReplacer(forth...)
	out := *d
	out.Blocks = make([]source.Block, len(d.Blocks))
	for i, b := range d.Blocks {
		b.Text = there.Replace(b.Text)
		rows := make([][]source.Cell, len(b.Rows))
		for j, row := range b.Rows {
			rows[j] = make([]source.Cell, len(row))
			for k, c := range row {
				c.Text = there.Replace(c.Text)
				rows[j][k] = c
			}
		}
		if b.Rows != nil {
			b.Rows = rows
		}
		out.Blocks[i] = b
	}
	return &out, strings.NewReplacer(back...)
}

// foldsOf are the pairs of characters that a document needs, there and back.
func foldsOf(d *source.Document) (forth, back []string) {
	var seen [0xa000]bool // a flat table: a map would be slow on long documents
	note := func(s string) {
		for _, r := range s {
			if int(r) < len(seen) {
				seen[r] = true
			}
		}
	}
	for _, b := range d.Blocks {
		note(b.Text)
		for _, row := range b.Rows {
			for _, c := range row {
				note(c.Text)
			}
		}
	}
	to := []rune(simplified)
	for i, r := range []rune(traditional) {
		if seen[r] && !seen[to[i]] && r != to[i] {
			forth, back = append(forth, string(r), string(to[i])), append(back, string(to[i]), string(r))
		}
	}
	return forth, back
}

// printed gives all words of the outline back in the characters of the document.
func (o *Outline) printed(back *strings.Replacer) {
	all := func(words []string) {
		for i := range words {
			words[i] = back.Replace(words[i])
		}
	}
	o.Title, o.Issuer, o.Number = back.Replace(o.Title), back.Replace(o.Issuer), back.Replace(o.Number)
	for i := range o.Items {
		it := &o.Items[i]
		it.Section, it.Heading, it.Text, it.Column = back.Replace(it.Section), back.Replace(it.Heading), back.Replace(it.Text), back.Replace(it.Column)
		all(it.Lead)
		all(it.Cooperating)
		all(it.Leader)
	}
}
