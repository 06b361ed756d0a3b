package store

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"duban/engine"
)

// fill gives every field of a struct a value of its own, so that a field that is
// added and not stored is noticed.
func fill(t *testing.T, v reflect.Value, n *int) {
	t.Helper()
	*n++
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(time.UnixMilli(1_700_000_000_000 + int64(*n)).UTC()))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(strings.Repeat("字", *n%3+1))
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(int64(*n) + 10_000)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(t, v.Index(0), n)
		fill(t, v.Index(1), n)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		e := reflect.New(v.Type().Elem()).Elem()
		fill(t, e, n)
		v.SetMapIndex(reflect.ValueOf("k").Convert(v.Type().Key()), e)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i), n)
		}
	default:
		t.Fatalf("a field of kind %s", v.Kind())
	}
}

func TestNothingIsLostInTheColumns(t *testing.T) {
	n := 0
	var c engine.Course
	fill(t, reflect.ValueOf(&c).Elem(), &n)
	b, err := EncodeCourse(&c)
	if err != nil {
		t.Fatal(err)
	}
	if back, err := decodeCourse(b); err != nil || !reflect.DeepEqual(back, c) {
		t.Errorf("%v\nwritten %+v\nread    %+v", err, c, back)
	}
	var effects [2]engine.Effect
	fill(t, reflect.ValueOf(&effects[0]).Elem(), &n)
	effects[1] = effects[0]
	effects[1].Ready = effects[1].At
	if b, err = EncodeEffects(effects[:]); err != nil {
		t.Fatal(err)
	}
	if back, err := DecodeEffects(b); err != nil || !reflect.DeepEqual(back, effects[:]) {
		t.Errorf("%v\nwritten %+v\nread    %+v", err, effects, back)
	}
	// No time is written as text, in none of the two.
	if strings.Contains(string(b), "2023-") {
		t.Errorf("a time as text: %s", b)
	}
}

func TestTheEmptyColumns(t *testing.T) {
	b, err := EncodeCourse(&engine.Course{})
	if err != nil || strings.ContainsAny(string(b), "12") {
		t.Errorf("%v %s", err, b)
	}
	if back, err := decodeCourse(b); err != nil || !reflect.DeepEqual(back, engine.Course{}) {
		t.Errorf("%v %+v", err, back)
	}
	if b, err := EncodeEffects(nil); err != nil || string(b) != "[]" {
		t.Errorf("%v %s", err, b)
	}
}

func TestATimerThatCannotBeRead(t *testing.T) {
	for _, s := range []string{"", "red", "red x", "red 1 x", "red 1 2 3"} {
		b, _ := json.Marshal(map[string][]string{"timers": {s}})
		if c, err := decodeCourse(b); err == nil {
			t.Errorf("%q was read as %+v", s, c.Timers)
		}
	}
}
