package when

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// char is one character of a text in the form the grammar knows: half width,
// simplified. Blanks are dropped; gap remembers that one stood before.
type char struct {
	r        rune
	from, to int // bytes in the text
	gap      bool
}

// forms maps traditional characters of the grammar's own words, and signs that
// stand for one another, to the one the grammar knows.
var forms = pairs(`隨随 辦办 時时 間间 週周 學学 個个 後后 內内 報报 議议 會会 開开 節节 國国 慶庆 陽阳 兩两
號号 畢毕 業业 禮礼 從从 於于 當当 動动 態态 適适 擇择 機机 實实 續续 進进 歲岁 終终 課课 結结 貳二 叁三 兩两 場场
總总 條条 點点 達达 發发 幾几 長长 壓压 縮缩 據据 為为 紀纪 單单 雙双 調调 檢检 黨党 體体 紅红 舉举 啟启 驗验
零〇 ○〇 贰二 叁三 壹一 Ｏ〇 —~ –~ －~ ―~ ～~ 〜~ ─~ ﹣~ -~ ‐~ ‑~ 【( 】) ［[ ］] ﹐, ﹔; ·. ．. ‧. •. ∶: ﹕: ｢“ ｣” 『“ 』” 「“ 」”
‘“ ’”`)

func pairs(s string) map[rune]rune {
	m := map[rune]rune{}
	for _, p := range strings.Fields(s) {
		from, n := utf8.DecodeRuneInString(p)
		to, _ := utf8.DecodeRuneInString(p[n:])
		m[from] = to
	}
	return m
}

// chars folds a text. A line break stays: it ends a clause.
func chars(text string) []char {
	out := make([]char, 0, len(text)/3+1)
	gap := false
	for from, r := range text {
		if r != '\n' && (unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff') {
			gap = true
			continue
		}
		size := 1
		if r >= utf8.RuneSelf {
			_, size = utf8.DecodeRuneInString(text[from:])
		}
		out = append(out, char{fold(r), from, from + size, gap})
		gap = false
	}
	return out
}

func fold(r rune) rune {
	if r < utf8.RuneSelf && r != '-' {
		return r
	}
	if to, ok := forms[r]; ok {
		return to
	}
	if r >= '！' && r <= '～' { // full width signs, digits and letters
		return r - '！' + '!'
	}
	return r
}
