package main

import (
	"testing"

	"github.com/jmoiron/sqlx"
)

// tamper changes a data file behind the program's back.
func tamper(t *testing.T, file, sql string) {
	t.Helper()
	db, err := sqlx.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(sql); err != nil {
		t.Fatal(err)
	}
}
