-- Version 7: what is looked up by a value is filed slice by slice, each written once.
-- A slice is 8,192 row numbers. What was in the old indexes and in the tables of marks is
-- made again from the rows, all of it before the store opens: no duplicate slips through.
DROP INDEX search_name;
DROP INDEX search_user;
DROP INDEX search_anonymous;

-- Which rows of a slice may have a name, or an id of a user.
CREATE TABLE filed (
    id INTEGER PRIMARY KEY,     -- slice * 256 + first byte of the hash
    entries BLOB NOT NULL       -- store/filed.h
);

-- The marks of a slice, by which duplicates are known.
CREATE TABLE mark (
    id INTEGER PRIMARY KEY,     -- slice * 256 + first byte of the mark
    entries BLOB NOT NULL       -- store/dedupe.h
);

-- The filter of 64 slices whose marks are all there.
CREATE TABLE mark_block (
    id INTEGER PRIMARY KEY,     -- slice / 64
    newest_at INTEGER NOT NULL, -- of its marks
    bits BLOB NOT NULL          -- store/bloom.h
);

-- Marks whose event was removed before its slice was full.
CREATE TABLE mark_left (
    event INTEGER PRIMARY KEY,
    received_at INTEGER NOT NULL,
    mark BLOB NOT NULL
);

-- From now on: every event up to it is in filed, span and mark; all are in search.
UPDATE progress SET indexed = 0;
