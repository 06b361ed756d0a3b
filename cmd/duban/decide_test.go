package main

import (
	"strings"
	"testing"
)

// Items that wait are decided by the office, with and without a running service.
func TestPlanDecide(t *testing.T) {
	h := newHouse(t, "")
	h.want(0, []string{"二.2 厉行节约：待明确牵头单位", "二.3 作风建设：待明确时限"}, "plan", "add", h.file("plan.yaml"))
	h.want(0, []string{"二.3 作风建设  已启动"}, "plan", "decide", "plan", "二.3", "--due", "2023-06-30")
	h.want(0, []string{"办理中"}, "act", "2023-0003", "acknowledge", "--by", "feng") // it has begun, for the unit the plan names
	h.want(0, []string{"二.2 厉行节约  已启动"}, "plan", "decide", "plan", "二.2", "--lead", "教务处")
	h.serve()
	h.want(0, []string{"二.1 校园安全  长期坚持"}, "plan", "decide", "plan", "二.1", "--lead", "教务处", "--keep")
}

func TestPlanDecideRefuses(t *testing.T) {
	h := newHouse(t, "")
	h.want(0, nil, "plan", "add", h.file("plan.yaml"))
	for name, c := range map[string]struct {
		args string
		says string
	}{
		"nothing decided": {"plan 二.3", "--lead, --due, --keep or --usual"},
		"two things":      {"plan 二.3 --keep --due 2023-06-30", "can't be used together"},
		"no such plan":    {"other 二.3 --keep", "other"},
		"no such item":    {"plan 九.9 --keep", "九.9"},
		"unknown unit":    {"plan 二.2 --lead 宇航处 --keep", "宇航处"},
		"already at work": {"plan 一.1 --due 2023-06-30", "does not wait"},
		"not a date":      {"plan 二.3 --due 2023-02-31", "2023-02-31"},
	} {
		t.Run(name, func(t *testing.T) {
			h.want(2, []string{c.says}, append([]string{"plan", "decide"}, strings.Fields(c.args)...)...)
		})
	}
}
