-- +goose Up
-- Times are milliseconds since 1970 in UTC, days are text 2006-01-02. Plain types only: the same tables serve PostgreSQL.
-- INTEGER PRIMARY KEY is SQLite's own row number: no second tree to keep, and an index on next_due is in order of id too.
-- OR instead of IN: for a list of more than two SQLite builds a table each time it checks, a third of an insert's time.
CREATE TABLE definitions (
  hash   TEXT PRIMARY KEY,
  name   TEXT NOT NULL,
  source TEXT NOT NULL
);

CREATE TABLE plans (
  plan_key TEXT PRIMARY KEY,
  digest   TEXT NOT NULL,
  title    TEXT NOT NULL,
  issued   TEXT NOT NULL,
  added    BIGINT NOT NULL,
  body     TEXT NOT NULL
);

CREATE TABLE items (
  plan_key TEXT NOT NULL REFERENCES plans (plan_key),
  no       TEXT NOT NULL,
  heading  TEXT NOT NULL,
  status   TEXT NOT NULL CHECK (status = 'started' OR status = 'kept' OR status = 'waiting'),
  why      TEXT NOT NULL,
  decided  BIGINT NOT NULL,
  PRIMARY KEY (plan_key, no)
);

CREATE TABLE counters (
  name  TEXT PRIMARY KEY,
  value BIGINT NOT NULL
);

-- What every step writes is kept small, and what is large is written at the end of a table: a step that touched three pages
-- at random instead of one took three times as long. So an instance is this short row, its facts (written at the start and
-- seldom after), and the rest of it as its last history row left it.
CREATE TABLE instances (
  id         INTEGER PRIMARY KEY,
  slip       TEXT NOT NULL UNIQUE,
  kind       TEXT NOT NULL,
  state      TEXT NOT NULL,
  version    BIGINT NOT NULL,
  seq        BIGINT NOT NULL,
  notice     BIGINT NOT NULL,
  plan_key   TEXT NOT NULL,
  item       TEXT NOT NULL,
  unit       TEXT NOT NULL,
  parent     BIGINT NOT NULL,
  effective  TEXT NOT NULL,
  light      TEXT NOT NULL,
  next_due   BIGINT,
  closed     BIGINT,
  CHECK (closed IS NULL OR next_due IS NULL)
);
CREATE INDEX instances_due ON instances (next_due) WHERE next_due IS NOT NULL;
CREATE INDEX instances_open ON instances (kind, unit) WHERE closed IS NULL;
CREATE INDEX instances_parent ON instances (parent);
CREATE INDEX instances_plan ON instances (plan_key, item);

CREATE TABLE facts (
  id        INTEGER PRIMARY KEY,
  start_key TEXT NOT NULL UNIQUE,
  workflow  TEXT NOT NULL,
  def_hash  TEXT NOT NULL REFERENCES definitions (hash),
  body      TEXT NOT NULL
);

-- prev is the row of the same instance before this one, 0 for its first: the way back without an index. The instance has
-- the last ones: seq of its history, notice of its outbox rows.
CREATE TABLE history (
  seq         INTEGER PRIMARY KEY,
  instance_id BIGINT NOT NULL,
  version     BIGINT NOT NULL,
  prev        BIGINT NOT NULL,
  at          BIGINT NOT NULL,
  event       TEXT NOT NULL,
  state       TEXT NOT NULL,
  effects     TEXT NOT NULL,
  after       TEXT NOT NULL,
  hash        TEXT NOT NULL
);

CREATE TABLE outbox (
  n           INTEGER PRIMARY KEY,
  id          TEXT NOT NULL,
  instance_id BIGINT NOT NULL,
  prev        BIGINT NOT NULL,
  reason      TEXT NOT NULL,
  role        TEXT NOT NULL,
  unit        TEXT NOT NULL,
  class       TEXT NOT NULL,
  at          BIGINT NOT NULL,
  ready       BIGINT NOT NULL,
  state       TEXT NOT NULL CHECK (state = 'waiting' OR state = 'held' OR state = 'planned' OR state = 'sent' OR state = 'withdrawn' OR state = 'dead'),
  delivery    TEXT NOT NULL,
  person      TEXT NOT NULL,
  why         TEXT NOT NULL
);
CREATE INDEX outbox_ready ON outbox (ready) WHERE state = 'waiting';
CREATE INDEX outbox_delivery ON outbox (delivery) WHERE delivery <> '';

CREATE TABLE deliveries (
  delivery  TEXT PRIMARY KEY,
  channel   TEXT NOT NULL,
  robot     TEXT NOT NULL,
  person    TEXT NOT NULL,
  message   TEXT NOT NULL,
  state     TEXT NOT NULL CHECK (state = 'pending' OR state = 'sent' OR state = 'dead' OR state = 'dropped'),
  attempts  BIGINT NOT NULL,
  unsure    BIGINT NOT NULL,
  created   BIGINT NOT NULL,
  next_at   BIGINT NOT NULL,
  published BIGINT NOT NULL,
  rounds    BIGINT NOT NULL
);
CREATE INDEX deliveries_pending ON deliveries (next_at) WHERE state = 'pending' AND published = 0;
CREATE INDEX deliveries_flight ON deliveries (published) WHERE state = 'pending' AND published > 0;

CREATE TABLE ledger (
  id       INTEGER PRIMARY KEY,
  delivery TEXT NOT NULL,
  robot    TEXT NOT NULL,
  at       BIGINT NOT NULL,
  attempt  BIGINT NOT NULL,
  class    TEXT NOT NULL,
  code     TEXT NOT NULL,
  words    TEXT NOT NULL
);
CREATE INDEX ledger_delivery ON ledger (delivery);
CREATE INDEX ledger_robot ON ledger (robot, at) WHERE robot <> '';

CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

-- +goose Down
DROP TABLE meta; DROP TABLE ledger; DROP TABLE deliveries; DROP TABLE outbox; DROP TABLE history;
DROP TABLE facts; DROP TABLE instances; DROP TABLE counters; DROP TABLE items; DROP TABLE plans; DROP TABLE definitions;
