-- Version 5: who may come in, and what they did. AUTOINCREMENT, so that a number that
-- the audit list names never means somebody else.

CREATE TABLE user (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    role TEXT NOT NULL,
    password TEXT,              -- as libsodium writes argon2id; NULL: not set yet
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
);

-- A signed-in browser.
CREATE TABLE session (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    hash BLOB NOT NULL UNIQUE,  -- of the cookie, keyed, 16 bytes
    user INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL,   -- to the minute
    expires_at INTEGER NOT NULL
);

-- A link with which a password is chosen, once. At most one a user.
CREATE TABLE invitation (
    user INTEGER PRIMARY KEY,   -- 0: the first user is made with it
    hash BLOB NOT NULL UNIQUE,
    expires_at INTEGER NOT NULL
);

CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,        -- "user ada", "token ci", "dev", "nobody"
    role TEXT NOT NULL,
    action TEXT NOT NULL,       -- "login", "POST /api/v1/replays" …
    subject TEXT NOT NULL,
    peer TEXT NOT NULL,
    status INTEGER NOT NULL,    -- of the answer; 0: not answered (yet)
    is_stranger INTEGER NOT NULL -- of nobody we know: these crowd out only each other
);
CREATE INDEX audit_stranger ON audit (id) WHERE is_stranger <> 0;
