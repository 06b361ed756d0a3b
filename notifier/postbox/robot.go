package postbox

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

const robotPath = "/cgi-bin/webhook/send"

// The errcodes this endpoint answers of itself, with the words recorded from
// the real one (global error codes, path/90313).
var errWords = map[int]string{
	-1:    "system busy",
	40008: "invalid message type",
	40058: "invalid Request Parameter",
	43002: "require POST method",
	44004: "empty content",
	45009: "api freq out of limit",
	93000: "invalid webhook url",
	93004: "robot is disabled",
}

// post is the body of a robot's post, as far as it is kept and shown.
type post struct {
	MsgType    string      `json:"msgtype"`
	Text       *postedText `json:"text"`
	Markdown   *postedText `json:"markdown"`
	MarkdownV2 *postedText `json:"markdown_v2"`
	Card       *postedCard `json:"template_card"`
}

type postedText struct {
	Content         string   `json:"content"`
	Mentioned       []string `json:"mentioned_list"`
	MentionedMobile []string `json:"mentioned_mobile_list"`
}

// refusal is an errcode and its words; the zero refusal is acceptance.
type refusal struct {
	code  int
	words string
}

func refuse(code int) refusal { return refusal{code, errWords[code]} }

func (b *Box) serveRobot(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 4<<20))
	if err != nil {
		return
	}
	f, faulty := b.faults.take(StepRobot)
	if faulty && !f.Keep {
		b.playRobot(w, r, f)
		return
	}
	no, err := b.receive(r.Method, r.URL.Query().Get("key"), body)
	switch {
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
	case faulty && no.code == 0:
		b.playRobot(w, r, f)
	default:
		b.answer(w, no)
	}
}

// receive checks a post and keeps it.
func (b *Box) receive(method, key string, body []byte) (refusal, error) {
	robot, known := b.robots[key]
	switch {
	case method != http.MethodPost:
		return refuse(43002), nil
	case !known:
		return refuse(93000), nil
	}
	var p post
	if json.Unmarshal(body, &p) != nil {
		return refuse(40008), nil
	}
	content, no := b.content(&p)
	if no.code != 0 {
		return no, nil
	}
	b.robotLock.Lock()
	defer b.robotLock.Unlock()
	now := b.o.Now()
	n, err := b.recent(key, now)
	if err != nil {
		return refusal{}, err
	}
	if n >= RobotRate {
		return refuse(45009), b.violated(key, now)
	}
	sum := sha256.Sum256([]byte(key + content.Content))
	return refusal{}, b.keep(piece{channel: WeCom, key: hex.EncodeToString(sum[:]), sender: robot.name(),
		receiver: robot.name(), robot: key, subject: firstLine(content.Content), words: plainWords(content.Content),
		notices: noticesIn(content.Content), raw: body, at: now})
}

// content finds what a post says and holds it to the limits, which count
// bytes.
func (b *Box) content(p *post) (*postedText, refusal) {
	t, limit := p.body(), b.o.MarkdownLimit
	switch p.MsgType {
	case "template_card":
		if no := p.Card.refused(); no.code != 0 {
			return nil, no
		}
		return &postedText{Content: p.Card.words()}, refusal{}
	case "text":
		limit = b.o.TextLimit
	case "markdown", "markdown_v2":
	default:
		return nil, refuse(40008)
	}
	if t == nil || strings.TrimSpace(t.Content) == "" {
		return nil, refuse(44004)
	}
	if len(t.Content) > limit {
		return nil, refusal{40058, fmt.Sprintf("%s.content exceed max length %d. invalid Request Parameter", p.MsgType, limit)}
	}
	return t, refusal{}
}

func (p *post) body() *postedText {
	switch p.MsgType {
	case "text":
		return p.Text
	case "markdown":
		return p.Markdown
	case "markdown_v2":
		return p.MarkdownV2
	}
	return nil
}

// answer speaks as the real endpoint does: HTTP 200 whatever happened.
func (b *Box) answer(w http.ResponseWriter, no refusal) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	words := "ok"
	if no.code != 0 {
		w.Header().Set("Error-Code", strconv.Itoa(no.code))
		words = fmt.Sprintf("%s, hint: [%d], from ip: 127.0.0.1, more info at https://open.work.weixin.qq.com/devtool/query?e=%d",
			no.words, b.o.Now().UnixNano(), no.code)
	}
	writeJSON(w, no.code, words)
}

func writeJSON(w io.Writer, code int, words string) {
	quoted, _ := json.Marshal(words) // a string always marshals
	fmt.Fprintf(w, `{"errcode":%d,"errmsg":%s}`, code, quoted)
}

func (b *Box) playRobot(w http.ResponseWriter, r *http.Request, f Fault) {
	switch f.Do {
	case HTML:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		io.WriteString(w, "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n")
	case Warn:
		w.Header().Set("Content-Type", "application/json; charset=UTF-8")
		writeJSON(w, 0, "ok. Warning: wrong json format. ")
	case Hang:
		<-r.Context().Done()
	case Drop:
		if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
			c.Close()
		}
	default:
		words := errWords[f.Code]
		if words == "" {
			words = f.Text
		}
		b.answer(w, refusal{f.Code, words})
	}
}

var noticeID = regexp.MustCompile(`\d+-\d+-\d+`)

// noticesIn reads the notice ids from the lines that begin with 编号：, which
// markdown may have put into a colour or a quote.
func noticesIn(content string) (ids []string) {
	for line := range strings.Lines(content) {
		line = strings.TrimLeft(tags.ReplaceAllString(line, ""), "> \t")
		if rest, ok := strings.CutPrefix(line, "编号："); ok {
			ids = append(ids, noticeID.FindAllString(rest, -1)...)
		}
	}
	return ids
}

// plainWords is markdown without its signs, for lists and searches.
func plainWords(content string) string {
	content = mdLink.ReplaceAllString(content, "$1")
	content = tags.ReplaceAllStringFunc(content, func(s string) string {
		if strings.HasPrefix(s, "<@") {
			return "@" + strings.TrimSuffix(s[2:], ">")
		}
		return ""
	})
	var lines []string
	for line := range strings.Lines(strings.ReplaceAll(content, "**", "")) {
		if line = strings.TrimSpace(strings.TrimLeft(line, "#> ")); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

func firstLine(content string) string {
	line, _, _ := strings.Cut(plainWords(content), "\n")
	return line
}
