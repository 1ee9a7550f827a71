-- Version 2: users whose stored events are to be blanked, until none of them is left. A
-- user's events are on their way for hours, and a process may end meanwhile.
CREATE TABLE erasure (
    id INTEGER PRIMARY KEY,
    user TEXT NOT NULL UNIQUE,
    up_to INTEGER NOT NULL  -- the last row to blank; what the user does later stays
);
