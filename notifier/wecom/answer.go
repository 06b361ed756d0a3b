package wecom

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"duban/notifier"
)

const (
	// rateWait is a little more than the minute after which the vendor lifts a
	// rate block.
	rateWait = 65 * time.Second
	maxWords = 500 // bytes
)

// classes of the error codes a robot can meet; the vendor's list is
// developer.work.weixin.qq.com/document/path/90313. Codes that are not here may
// pass: they are tried again until the attempts are spent and a person looks.
var classes = map[int]notifier.Class{
	0:      notifier.Accepted,
	-1:     notifier.Temporary, // system busy
	45033:  notifier.Temporary, // too many calls at once
	45009:  notifier.Paused,    // more than 20 a minute
	93000:  notifier.Permanent, // invalid webhook url: wrong key, or the robot was removed
	93004:  notifier.Permanent, // robot disabled
	93006:  notifier.Permanent, // bad chat id
	93008:  notifier.Permanent, // not in the group
	40006:  notifier.Permanent, // file size
	40007:  notifier.Permanent, // media id
	40008:  notifier.Permanent, // message type
	40009:  notifier.Permanent, // image size
	40058:  notifier.Permanent, // parameter missing or too long
	44001:  notifier.Permanent, // empty media
	44004:  notifier.Permanent, // empty content
	45001:  notifier.Permanent, // media too large
	45002:  notifier.Permanent, // content too long
	45007:  notifier.Permanent, // voice too long
	45008:  notifier.Permanent, // too many articles
	301016: notifier.Permanent, // voice not to rule
	301017: notifier.Permanent, // voice not AMR
	301019: notifier.Permanent, // md5 of the image
}

// judgeAnswer classifies an answer. Only HTTP 200 with an errcode comes from
// WeCom itself; anything else (a gateway's page, a log-in portal, a redirect)
// says nothing about the message.
func judgeAnswer(status int, body []byte) notifier.Result {
	var a struct {
		Code  *int   `json:"errcode"`
		Words string `json:"errmsg"`
	}
	err := json.Unmarshal(body, &a)
	if status != http.StatusOK || err != nil || a.Code == nil {
		words := fmt.Sprintf("HTTP %d，不是企业微信的答复：%s", status, body)
		return notifier.Result{Class: notifier.Temporary, Words: words}
	}
	r := notifier.Result{Class: classOf(*a.Code, a.Words), Code: strconv.Itoa(*a.Code), Words: a.Words}
	if r.Class == notifier.Paused {
		r.Wait = rateWait
	}
	return r
}

func classOf(code int, words string) notifier.Class {
	if code == 0 && strings.Contains(strings.ToLower(words), "wrong json format") {
		// Accepted by the code, reported lost in practice. The same bytes would
		// get the same answer for ever, so neither endless retries nor a
		// silent success: once more, then a person decides.
		return notifier.Ambiguous
	}
	if class, ok := classes[code]; ok {
		return class
	}
	return notifier.Temporary
}

// clip makes words fit for the ledger: one line of valid UTF-8, at most 500 bytes.
func clip(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	if len(s) <= maxWords {
		return s
	}
	cut := maxWords
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut]
}
