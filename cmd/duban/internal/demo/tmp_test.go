package demo

import (
	"context"
	"encoding/json"
	"os"
	"testing"
	"time"
)

func TestTmp(t *testing.T) {
	t0 := time.Now()
	dir := os.Getenv("DEMO_DIR")
	if dir == "" {
		dir = t.TempDir()
	}
	d, err := Open(context.Background(), Options{Dir: dir, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	s, err := d.Summarise(context.Background(), time.Since(t0))
	if err != nil {
		t.Fatal(err)
	}
	s.Print(os.Stdout)
	if len(s.Violations) > 20 {
		s.Violations = s.Violations[:20]
	}
	b, _ := json.Marshal(s)
	t.Log(string(b))
}
