-- One world of the local Segment. Names of resources are Segment's ("workspaces/acme/sources/website"),
-- times are milliseconds of the world's clock, JSON is text. The order of rows is the order of creation.
-- A table without a "-- not in snapshots" is saved and loaded by snapshots as it is.

CREATE TABLE world (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID; -- clock, counters, consent, switches

CREATE TABLE workspace (
    slug TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE, display_name TEXT, create_time INTEGER NOT NULL);

CREATE TABLE person (email TEXT PRIMARY KEY, name TEXT);
CREATE TABLE member ( -- role: owner | read_only
    email TEXT NOT NULL, workspace TEXT NOT NULL, role TEXT NOT NULL, PRIMARY KEY (email, workspace));

CREATE TABLE source (
    name TEXT PRIMARY KEY, workspace TEXT NOT NULL, slug TEXT NOT NULL,
    id TEXT NOT NULL UNIQUE,            -- project id
    display_name TEXT, catalog_name TEXT NOT NULL, enabled INTEGER NOT NULL DEFAULT 1,
    library_config TEXT, labels TEXT, settings TEXT, schema_config TEXT, create_time INTEGER NOT NULL);
CREATE INDEX source_by_workspace ON source (workspace);
CREATE TABLE write_key ( -- region: us | eu; a key of the other region is refused by the Tracking API
    write_key TEXT PRIMARY KEY, source TEXT NOT NULL, region TEXT NOT NULL DEFAULT 'us');

CREATE TABLE catalog ( -- body: the item as the Config API prints it; kind: destinations | sources
    kind TEXT NOT NULL, slug TEXT NOT NULL, id TEXT NOT NULL UNIQUE, display_name TEXT NOT NULL,
    body TEXT NOT NULL,
    sensitive TEXT NOT NULL DEFAULT '[]', -- keys of settings that pages mask; the catalog does not say
    PRIMARY KEY (kind, slug));

CREATE TABLE destination (
    name TEXT PRIMARY KEY, source TEXT NOT NULL, slug TEXT NOT NULL, id TEXT NOT NULL UNIQUE,
    display_name TEXT, enabled INTEGER NOT NULL DEFAULT 0, connection_mode TEXT,
    config TEXT NOT NULL DEFAULT '{}',  -- {"apiKey":"…"}: only what was set
    made_by TEXT,                       -- "installs/7", a person's email, or NULL
    create_time INTEGER NOT NULL, update_time INTEGER NOT NULL);
CREATE INDEX destination_by_source ON destination (source);

CREATE TABLE filter (
    name TEXT PRIMARY KEY, destination TEXT NOT NULL, title TEXT, description TEXT,
    condition TEXT NOT NULL, actions TEXT NOT NULL, enabled INTEGER NOT NULL DEFAULT 1);
CREATE INDEX filter_by_destination ON filter (destination);

CREATE TABLE tracking_plan (
    name TEXT PRIMARY KEY, workspace TEXT NOT NULL, display_name TEXT, rules TEXT NOT NULL,
    create_time INTEGER NOT NULL, update_time INTEGER NOT NULL);
CREATE TABLE plan_connection (plan TEXT NOT NULL, source TEXT NOT NULL, PRIMARY KEY (plan, source));

CREATE TABLE regulation (
    name TEXT PRIMARY KEY, parent TEXT NOT NULL, type TEXT NOT NULL, attributes TEXT NOT NULL,
    status TEXT NOT NULL, create_time INTEGER NOT NULL);
CREATE TABLE suppressed ( -- by regulations; parent: a workspace's or a source's name
    parent TEXT NOT NULL, user_id TEXT NOT NULL, create_time INTEGER NOT NULL, PRIMARY KEY (parent, user_id));

CREATE TABLE function (
    name TEXT PRIMARY KEY, workspace TEXT NOT NULL, body TEXT NOT NULL, create_time INTEGER NOT NULL);

CREATE TABLE app ( -- body: the members of dossier §6.1 that have no column
    id INTEGER PRIMARY KEY, workspace TEXT NOT NULL, slug TEXT NOT NULL UNIQUE, display_name TEXT NOT NULL,
    client_id TEXT NOT NULL UNIQUE, client_secret TEXT NOT NULL, scope TEXT NOT NULL,
    redirect_uris TEXT NOT NULL DEFAULT '[]', public INTEGER NOT NULL DEFAULT 1,
    reinstall TEXT NOT NULL DEFAULT 'refuse', -- refuse | allow
    client_secret_post TEXT NOT NULL DEFAULT 'refuse', -- refuse | allow
    body TEXT NOT NULL DEFAULT '{}');

CREATE TABLE install ( -- state: installed | revoked
    id INTEGER PRIMARY KEY, app INTEGER NOT NULL, workspace TEXT NOT NULL, source TEXT, scope TEXT NOT NULL,
    person TEXT, state TEXT NOT NULL, create_time INTEGER NOT NULL);
CREATE INDEX install_by_app ON install (app, workspace);

CREATE TABLE token ( -- kind: install | personal | public; state: live | dead
    token TEXT PRIMARY KEY, kind TEXT NOT NULL, state TEXT NOT NULL,
    name TEXT,                          -- "access-tokens/127"
    install INTEGER, scope TEXT NOT NULL,
    workspace TEXT NOT NULL,            -- slug; a personal token of several has them joined by ','
    source TEXT,                        -- name; of scope destination/<slug>
    description TEXT, create_time INTEGER NOT NULL,
    person TEXT,                        -- email; of kind personal
    expires_at INTEGER);                -- NULL: never
CREATE INDEX token_by_install ON token (install);

CREATE TABLE code ( -- authorization codes
    code TEXT PRIMARY KEY, app INTEGER NOT NULL, redirect_uri TEXT, -- NULL: the request had none
    scope TEXT NOT NULL, workspace TEXT NOT NULL, source TEXT, person TEXT,
    pkce_challenge TEXT, pkce_method TEXT, expires_at INTEGER NOT NULL,
    install INTEGER);                   -- that it was exchanged for; NULL: not used yet

CREATE TABLE challenge ( -- kind: login | login_verifier | consent | consent_verifier
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, query TEXT NOT NULL, email TEXT, workspace TEXT, source TEXT,
    answer TEXT, csrf TEXT NOT NULL, browser TEXT NOT NULL, expires_at INTEGER NOT NULL);
CREATE TABLE session (id TEXT PRIMARY KEY, email TEXT NOT NULL, expires_at INTEGER NOT NULL);

CREATE TABLE subscription ( -- where an app's component gets its events; one row per app
    app INTEGER PRIMARY KEY, kind TEXT NOT NULL, -- webhook | function | lambda
    body TEXT NOT NULL);                -- the members of PUT /_emulator/subscription

CREATE TABLE seen ( -- messageIds of one moment, for deduplication (seen.h); hashes: 8 bytes each
    id INTEGER PRIMARY KEY, until INTEGER NOT NULL, hashes BLOB NOT NULL);

CREATE TABLE delivery ( -- one event on its way to one destination; gone when it has ended
    id INTEGER PRIMARY KEY, destination TEXT NOT NULL, message_id TEXT, event TEXT NOT NULL,
    received_at INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    first_attempt_at INTEGER, next_at INTEGER NOT NULL,
    report TEXT NOT NULL DEFAULT '[]'); -- its attempts so far, as GET /_emulator/deliveries shows them
CREATE TABLE delivered ( -- the last ones that ended, in the order of their ends, as that shows them
    number INTEGER PRIMARY KEY, id INTEGER NOT NULL, destination TEXT NOT NULL, body TEXT NOT NULL);

CREATE TABLE counter ( -- of a destination or source, by hour of the world's clock: when it begins
    destination TEXT NOT NULL, metric TEXT NOT NULL, hour INTEGER NOT NULL, value INTEGER NOT NULL,
    PRIMARY KEY (destination, metric, hour)) WITHOUT ROWID;
CREATE TABLE latency ( -- of the last deliveries, milliseconds from receipt to delivery, for P95; read rarely: no index
    destination TEXT NOT NULL, hour INTEGER NOT NULL, ms INTEGER NOT NULL);

CREATE TABLE fault ( -- what is wrong with Segment today; place is faults.h's where, body JSON
    id INTEGER PRIMARY KEY, place TEXT NOT NULL, method TEXT, path TEXT, what TEXT NOT NULL,
    status INTEGER, code INTEGER, body TEXT, delay_min INTEGER NOT NULL DEFAULT 0,
    delay_max INTEGER NOT NULL DEFAULT 0, after_bytes INTEGER, percent INTEGER NOT NULL,
    until INTEGER, times INTEGER,       -- whichever comes first
    fired INTEGER NOT NULL DEFAULT 0);
