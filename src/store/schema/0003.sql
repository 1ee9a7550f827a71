-- Version 3: whose destinations we set up. AUTOINCREMENT, so that a row's number, which
-- its sealed value is bound to, never comes again.

-- A press of the button that is on its way through the browser.
CREATE TABLE oauth_attempt (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    state BLOB NOT NULL UNIQUE, -- keyed hash, 16 bytes
    cookie BLOB NOT NULL,       -- likewise
    subscription TEXT,          -- NULL: all
    sealed BLOB,                -- the PKCE verifier
    expires_at INTEGER NOT NULL
);
CREATE INDEX oauth_attempt_expires ON oauth_attempt (expires_at);

-- NULL texts: there is none (yet).
CREATE TABLE install (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    number INTEGER NOT NULL UNIQUE, -- Segment's: installs/7
    app TEXT,
    workspace TEXT,
    source TEXT,
    scope TEXT,
    subscription TEXT,
    destination TEXT,
    state TEXT,
    sealed BLOB,                    -- the token
    expires_at INTEGER NOT NULL,
    generation INTEGER NOT NULL,    -- one more for each token
    key INTEGER NOT NULL,           -- 0: none
    was_created INTEGER NOT NULL,
    drift TEXT,                     -- JSON of the last sync
    fault TEXT,                     -- code of the last failure
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    synced_at INTEGER NOT NULL
);
