package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestCheckPrintsTheSchema(t *testing.T) {
	h := newHouse(t, "")
	var schema struct {
		Schema string         `json:"$schema"`
		Defs   map[string]any `json:"$defs"`
	}
	if out := h.want(0, nil, "check", "--schema"); json.Unmarshal([]byte(out), &schema) != nil || schema.Defs["move"] == nil || !strings.Contains(schema.Schema, "2020-12") {
		t.Errorf("got %s", out)
	}
}

func TestCheckWarnsOfPairsAndRefusesCircles(t *testing.T) {
	h := newHouse(t, "")
	both := strings.Replace(schoolFile, "leave:\n", "leave:\n  - {person: xiaoyan, from: 2023-05-15, to: 2023-05-19}\n", 1)
	h.write("school.yaml", both)
	h.want(0, []string{"warning: ", "school.yaml:25:5: on 2023-05-15 周志强 and 吴晓燕 are away together", "no faults"}, "check")
	h.write("school.yaml", strings.NewReplacer("mail: feng@demo.example", "mail: feng@demo.example, substitute: feng2",
		"mail: feng2@demo.example", "mail: feng2@demo.example, substitute: feng").Replace(schoolFile))
	h.want(2, []string{"school.yaml:10:52: substitutes stand in for each other in a circle: feng → feng2 → feng", "school.yaml:11:54: "}, "check")
}
