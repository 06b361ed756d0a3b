-- +goose Up
-- What was imported and waits for the office, the names that documents print, and the plans as they were before a revision.
-- Of the drafts of one key at most one is open. Items may be left out by the office, or withdrawn by a revision.
CREATE TABLE drafts (
  id       INTEGER PRIMARY KEY,
  plan_key TEXT NOT NULL,
  digest   TEXT NOT NULL,
  file     TEXT NOT NULL,
  title    TEXT NOT NULL,
  state    TEXT NOT NULL CHECK (state = 'open' OR state = 'confirmed' OR state = 'discarded' OR state = 'replaced'),
  given    TEXT NOT NULL,
  imported BIGINT NOT NULL,
  done     BIGINT NOT NULL,
  done_by  TEXT NOT NULL,
  body     TEXT NOT NULL,
  sum      BIGINT NOT NULL
);
CREATE UNIQUE INDEX drafts_open ON drafts (plan_key) WHERE state = 'open';
CREATE INDEX drafts_digest ON drafts (digest);

CREATE TABLE aliases (
  printed TEXT PRIMARY KEY,
  unit    TEXT NOT NULL,
  said_by TEXT NOT NULL,
  said    BIGINT NOT NULL,
  sum     BIGINT NOT NULL
);

CREATE TABLE plan_versions (
  plan_key TEXT NOT NULL REFERENCES plans (plan_key),
  version  BIGINT NOT NULL,
  digest   TEXT NOT NULL,
  title    TEXT NOT NULL,
  issued   TEXT NOT NULL,
  added    BIGINT NOT NULL,
  replaced BIGINT NOT NULL,
  body     TEXT NOT NULL,
  sum      BIGINT NOT NULL,
  PRIMARY KEY (plan_key, version)
);
-- +goose StatementBegin
CREATE TRIGGER plan_versions_no_update BEFORE UPDATE ON plan_versions BEGIN SELECT RAISE(ABORT, 'versions of a plan are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER plan_versions_no_delete BEFORE DELETE ON plan_versions BEGIN SELECT RAISE(ABORT, 'versions of a plan are append-only'); END;
-- +goose StatementEnd

-- SQLite cannot change a check: the table is made anew.
CREATE TABLE items_new (
  plan_key TEXT NOT NULL REFERENCES plans (plan_key),
  no       TEXT NOT NULL,
  heading  TEXT NOT NULL,
  status   TEXT NOT NULL CHECK (status = 'started' OR status = 'kept' OR status = 'waiting' OR status = 'dropped' OR status = 'withdrawn'),
  why      TEXT NOT NULL,
  decided  BIGINT NOT NULL,
  sum      BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (plan_key, no)
);
INSERT INTO items_new (plan_key, no, heading, status, why, decided, sum) SELECT plan_key, no, heading, status, why, decided, sum FROM items;
DROP TABLE items;
ALTER TABLE items_new RENAME TO items;

-- +goose Down
CREATE TABLE items_old (
  plan_key TEXT NOT NULL REFERENCES plans (plan_key),
  no       TEXT NOT NULL,
  heading  TEXT NOT NULL,
  status   TEXT NOT NULL CHECK (status = 'started' OR status = 'kept' OR status = 'waiting'),
  why      TEXT NOT NULL,
  decided  BIGINT NOT NULL,
  sum      BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (plan_key, no)
);
INSERT INTO items_old (plan_key, no, heading, status, why, decided, sum) SELECT plan_key, no, heading, status, why, decided, sum FROM items
  WHERE status <> 'dropped' AND status <> 'withdrawn';
DROP TABLE items;
ALTER TABLE items_old RENAME TO items;
DROP TABLE plan_versions; DROP TABLE aliases; DROP TABLE drafts;
