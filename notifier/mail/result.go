package mail

import (
	"errors"
	"net/textproto"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"duban/notifier"
)

const (
	rest     = 10 * time.Minute // a channel that cannot log in
	busy     = 5 * time.Minute  // after 421
	maxWords = 500              // bytes
)

// judge classifies an attempt that ended with err when the conversation had
// come to the given phase.
func (c *Channel) judge(err error, at phase) notifier.Result {
	if reply, ok := errors.AsType[*textproto.Error](err); ok {
		r := judgeReply(reply.Code, at)
		r.Code, r.Words = strconv.Itoa(reply.Code), c.words(reply.Msg)
		return r
	}
	r := notifier.Result{Class: notifier.Temporary, Words: "与邮件服务器的连接失败：" + err.Error()}
	if _, ok := errors.AsType[unfit](err); ok {
		r = notifier.Result{Class: notifier.Paused, Wait: rest, Words: err.Error()}
	} else if at == dotted {
		r = notifier.Result{Class: notifier.Ambiguous, Words: "邮件已全部送出，但没有收到答复：" + err.Error()}
	}
	r.Words = c.words(r.Words)
	return r
}

// judgeReply classifies a refusal. One before MAIL is not about the message: it
// would meet every message, so the channel rests.
func judgeReply(code int, at phase) notifier.Result {
	switch {
	case code == 421:
		return notifier.Result{Class: notifier.Temporary, Wait: busy}
	case code/100 == 4:
		return notifier.Result{Class: notifier.Temporary}
	case code == 530, code == 534, code == 535, code == 538, code/100 == 5 && at < mailing:
		return notifier.Result{Class: notifier.Paused, Wait: rest}
	case code/100 == 5:
		return notifier.Result{Class: notifier.Permanent}
	case code/100 == 2 && at == dotted:
		return notifier.Result{Class: notifier.Accepted} // the library knows 250 only
	case at == dotted:
		return notifier.Result{Class: notifier.Ambiguous}
	}
	return notifier.Result{Class: notifier.Temporary}
}

// words makes what a server said fit for the ledger: one line of valid UTF-8
// without secrets, at most 500 bytes.
func (c *Channel) words(s string) string {
	s = c.secrets.Replace(strings.ToValidUTF8(s, "?"))
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
	if len(s) <= maxWords {
		return s
	}
	cut := maxWords
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut]
}
