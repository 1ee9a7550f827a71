-- Version 4: what searches ask of an event besides. All of it is the background's to fill;
-- accepting and settling touch none of it.

-- Of the payload, in bytes. NULL: filed before this version; the payload itself tells.
ALTER TABLE search ADD COLUMN size INTEGER;
-- An event names its key; source and install are those of the key.
CREATE INDEX install_key ON install (key);
