package notifier_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"duban/engine"
	"duban/notifier/postbox"
)

// With a page to open, thanks to a unit reach its group as a card over the real
// way; what asks the liaison for something stays a text that mentions her.
func TestNewsReachTheGroupAsACard(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-03-01 09:00", func(h *house) { h.options.CardURL = "https://duban.example" })
	in := h.matter("教务处", "修订教学办法", "2023-06-30")
	h.goOn("2023-03-02 09:00")
	h.act(in, "suspend", engine.RoleOffice, map[string]string{"reason": "上级方案正在修订"})
	h.goOn("2023-03-02 10:00")
	if m := h.robots.messages(); len(m) != 2 || m[0].Card != nil || len(m[0].To.Mention) != 1 || m[1].Card == nil || len(m[1].To.Mention) != 0 {
		t.Fatalf("the group got %+v", m)
	}
	arrived, err := h.box.Notices(h.ctx, postbox.WeCom)
	if err != nil || len(arrived) != 2 { // the endpoint took the card and read whose notice it is
		t.Errorf("the post box holds %+v, %v", arrived, err)
	}
	mails, posts, err := h.box.Received(h.ctx)
	if err != nil {
		t.Fatal(err)
	}
	page := httptest.NewRecorder()
	for id := mails + posts; id > 0 && !strings.Contains(page.Body.String(), `class="card-title"`); id-- {
		page = httptest.NewRecorder()
		h.box.Handler(nil).ServeHTTP(page, httptest.NewRequest(http.MethodGet, fmt.Sprint("/message/", id), nil))
	}
	if file := os.Getenv("DUBAN_CARD_PAGE"); file != "" { // to look at it in a browser
		if err := os.WriteFile(file, page.Body.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{`<p class="card-title">【暂缓】` + in.Slip + `</p>`, "上级方案正在修订", "打开督办系统"} {
		if !strings.Contains(page.Body.String(), want) {
			t.Errorf("no %s on the page:\n%s", want, page.Body)
		}
	}
	h.audit()
}
