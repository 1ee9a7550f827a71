-- Version 6: what the console tells of days gone by, and exports that are under way.

-- What was said between us and Segment about an install: the last of it.
CREATE TABLE install_step (
    id INTEGER PRIMARY KEY,
    install INTEGER NOT NULL, -- Segment's number
    detail TEXT NOT NULL      -- JSON of its safe parts: no secret
);
CREATE INDEX install_step_install ON install_step (install, id);

-- What was counted in a minute.
CREATE TABLE minute (
    id INTEGER PRIMARY KEY, -- since 1970
    detail BLOB NOT NULL    -- core/history.h
);

-- AUTOINCREMENT: a number, and the name of its file, never comes again.
CREATE TABLE export (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    created_at INTEGER NOT NULL,
    query TEXT NOT NULL,
    state INTEGER NOT NULL,  -- 1 running 2 done 3 failed
    below INTEGER NOT NULL,  -- events below this row follow; 0: from the newest
    matched INTEGER NOT NULL, -- -1: not known
    done INTEGER NOT NULL,
    bytes INTEGER NOT NULL,  -- of the file that are whole and on disk
    ended_at INTEGER NOT NULL,
    why TEXT                 -- it failed
);
