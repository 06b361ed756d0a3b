-- +goose Up
-- The calendar in force from a history row on: a replay takes every step by the calendar it was taken by.
CREATE TABLE calendars (
  from_seq BIGINT PRIMARY KEY,
  source   TEXT NOT NULL
);

-- +goose Down
DROP TABLE calendars;
