-- Version 1. What each table is for stands in docs/explain; the rule that shapes them:
-- accepting an event appends to "event" alone, settling its delivery to "delivery" alone.
PRAGMA application_id = 1346457680; -- "PAPP"

CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    received_at INTEGER NOT NULL,
    subscription INTEGER NOT NULL,
    key INTEGER NOT NULL,   -- 0: none
    mark BLOB,              -- 16 bytes of dedupe hash; NULL: never a duplicate
    sha256 BLOB NOT NULL,   -- of the payload as it was received
    settings BLOB,          -- sealed; NULL: none
    payload BLOB NOT NULL   -- empty: erased. Last, so that the head is read without it
);

CREATE TABLE delivery (
    id INTEGER PRIMARY KEY, -- the event's own for its first delivery
    event INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    subscription INTEGER NOT NULL,
    replay INTEGER,         -- NULL: the first delivery
    function_version INTEGER NOT NULL,
    state INTEGER NOT NULL, -- 1 queued 3 retrying 4 delivered 5 discarded 6 dead
    attempts INTEGER NOT NULL,
    first_attempt INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    settled_at INTEGER NOT NULL,
    error_name TEXT,
    superseded INTEGER NOT NULL DEFAULT 0, -- a dead one: by this replay
    detail TEXT             -- attempts as JSON objects joined by ','
);
-- Partial, so that a first delivery that went well touches none of them.
CREATE INDEX delivery_state ON delivery (state, event) WHERE state <> 4;
CREATE INDEX delivery_event ON delivery (event) WHERE replay IS NOT NULL;
CREATE INDEX delivery_replay ON delivery (replay, state) WHERE replay IS NOT NULL;

-- Derived from event by the background step, with what a search needs of its head, so
-- that searching does not drag payloads through the cache.
CREATE TABLE search (
    id INTEGER PRIMARY KEY,
    received_at INTEGER NOT NULL,
    subscription INTEGER NOT NULL,
    key INTEGER NOT NULL,
    kind INTEGER NOT NULL,  -- 0 none 1 identify 2 track 3 page 4 screen 5 group 6 alias 7 delete
    name TEXT,
    user TEXT,
    anonymous TEXT,
    grp TEXT,
    previous TEXT,
    message TEXT
);
CREATE INDEX search_name ON search (name) WHERE name IS NOT NULL;
CREATE INDEX search_user ON search (user) WHERE user IS NOT NULL;
CREATE INDEX search_anonymous ON search (anonymous) WHERE anonymous IS NOT NULL;

-- The earliest and latest time within each run of 1,024 rows of search. Rows are nearly
-- in order of time, but the wall clock may jump, so a search by time looks here.
CREATE TABLE span (
    id INTEGER PRIMARY KEY, -- row / 1024
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL
);

-- One row: counts, and how far the background has come.
CREATE TABLE progress (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    accepted INTEGER NOT NULL DEFAULT 0,
    duplicates INTEGER NOT NULL DEFAULT 0,
    replayed INTEGER NOT NULL DEFAULT 0,
    delivered INTEGER NOT NULL DEFAULT 0,
    discarded INTEGER NOT NULL DEFAULT 0,
    dead INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    low_water INTEGER NOT NULL DEFAULT 1, -- every event below has a delivery row
    indexed INTEGER NOT NULL DEFAULT 0,   -- every event up to it is in search and dedupe
    last_row INTEGER NOT NULL DEFAULT 0   -- numbers up to it were used, even if removed
);
INSERT INTO progress (id) VALUES (1);

CREATE TABLE subscription (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE key (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    subscriptions TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE,
    sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER NOT NULL
);

CREATE TABLE token (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER NOT NULL
);

CREATE TABLE function_version (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    sha256 BLOB NOT NULL,
    source BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (name, sha256)
);

CREATE TABLE paused (
    endpoint TEXT PRIMARY KEY,
    paused_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE replay (
    id INTEGER PRIMARY KEY,
    created_at INTEGER NOT NULL,
    query TEXT NOT NULL,
    matched INTEGER NOT NULL
);
