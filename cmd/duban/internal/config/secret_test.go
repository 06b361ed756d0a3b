package config_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"duban/cmd/duban/internal/config"
)

func TestASecretShowsOnlyThroughReveal(t *testing.T) {
	const word = "hunter2"
	c := config.Default()
	c.Mail.Password = word
	c.WeCom.Robots = []config.Robot{{Name: "office", Key: word}}
	shown := map[string]string{"String": c.Mail.Password.String()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10.3s", "%T %v"} {
		shown["struct "+verb] = fmt.Sprintf(verb, c)
		shown["alone "+verb] = fmt.Sprintf(verb, c.Mail.Password)
		shown["pointer "+verb] = fmt.Sprintf(verb, &c.Mail.Password)
		shown["any "+verb] = fmt.Sprintf(verb, []any{c.WeCom.Robots})
	}
	encode := func(name string, f func(any) ([]byte, error), v any) {
		b, err := f(v)
		if err != nil {
			t.Fatal(name, err)
		}
		if !strings.Contains(string(b), "secret") {
			t.Errorf("%s: %s", name, b)
		}
		shown[name] = string(b)
	}
	encode("json", json.Marshal, c)
	encode("yaml", yaml.Marshal, c)
	encode("xml", xml.Marshal, c.WeCom)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "p", c.Mail.Password, "c", c)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "p", c.Mail.Password, "c", c)
	shown["slog"] = log.String()
	for how, text := range shown {
		if strings.Contains(text, word) || strings.Contains(strings.ToLower(text), fmt.Sprintf("%x", word)) {
			t.Errorf("%s: %s", how, text)
		}
	}
	if c.Mail.Password.Reveal() != word {
		t.Error("Reveal does not")
	}
	if fmt.Sprintf("%x|%#v", c.Mail.Password, c.Mail.Password) != "<secret>|<secret>" {
		t.Error("the mask is not readable")
	}
}

func TestClockReadsAndWrites(t *testing.T) {
	for text, want := range map[string]string{"9:05": "09:05", "00:00": "00:00", "23:59": "23:59"} {
		var c config.Clock
		err := c.UnmarshalText([]byte(text))
		if got, _ := c.MarshalText(); err != nil || string(got) != want {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "24:00", "9", "9:60", "-1:00", "09:00:00"} {
		c := config.At(1, 2)
		if err := c.UnmarshalText([]byte(text)); err == nil || c != config.At(1, 2) {
			t.Errorf("%q was taken as %v", text, c)
		}
	}
}
