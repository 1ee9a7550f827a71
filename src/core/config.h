/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * config - everything that can be set, as one immutable value (interface §7).
 *
 * One table (config_keys) names each key with its kind, default, environment name,
 * whether a reload may change it, and its meaning; reading, messages, `config show`,
 * `config reference` come from it. A config is built whole or not at all and is never
 * changed afterwards; a reload builds a second one.
 *
 * Precedence: flag > environment > .env > file > default. Reads no file itself but the
 * ones a key names (…_FILE, master_key_file is only a path): texts come in as arguments.
 */

#include "base/arena.h"
#include "base/buf.h"
#include "base/secret.h"

struct err;

enum config_auth {
    CONFIG_AUTH_KEY = 0,
    CONFIG_AUTH_SIGNATURE,
    CONFIG_AUTH_BOTH,
    CONFIG_AUTH_NONE
};
enum config_mode { CONFIG_MODE_QUEUE = 0, CONFIG_MODE_INLINE };
enum config_kind { CONFIG_DESTINATION = 0, CONFIG_SOURCE };
enum config_order { CONFIG_ORDER_NONE = 0, CONFIG_ORDER_USER };
enum config_generation {
    CONFIG_GENERATION_AUTO = 0,
    CONFIG_GENERATION_CUSTOM,
    CONFIG_GENERATION_SUBSCRIPTION,
    CONFIG_GENERATION_FUNCTIONS,
};
enum config_eval { CONFIG_EVAL_AUTO = 0, CONFIG_EVAL_ON, CONFIG_EVAL_OFF };
enum config_isolation {
    CONFIG_ISOLATION_FUNCTION = 0,
    CONFIG_ISOLATION_KEY,
    CONFIG_ISOLATION_EVENT,
};
enum config_sandbox {
    CONFIG_SANDBOX_AUTO = 0,
    CONFIG_SANDBOX_STRICT,
    CONFIG_SANDBOX_HARDENED
};
enum config_log_level {
    CONFIG_LOG_ERROR = 0,
    CONFIG_LOG_WARN,
    CONFIG_LOG_INFO,
    CONFIG_LOG_DEBUG
};
enum config_log_format {
    CONFIG_LOG_AUTO = 0,
    CONFIG_LOG_PRETTY,
    CONFIG_LOG_LOGFMT,
    CONFIG_LOG_JSON
};

struct config_address {
    const char *host; /* "0.0.0.0", "127.0.0.1", "::1" */
    int port;
};

struct config_subscription {
    const char *name;
    enum config_kind kind;
    const char *path; /* "/webhook" … */
    enum config_auth auth;
    bool lenient_key;
    struct secret secret; /* X-Signature */
    enum config_mode mode;
    const char *function; /* absolute or relative to the file's folder, resolved; NULL */
    enum config_generation generation;
    enum config_eval allow_eval;
    enum config_isolation isolation;
    int in_flight;
    int64_t function_timeout_ms; /* 0: auto */
    int64_t slice_ms;
    int batch_size;
    int64_t batch_wait_ms;
    const char *endpoint; /* NULL: none */
    const char *method;
    const char *settings_json; /* an object's text, "{}" when absent */
    int64_t timeout_ms;
    int retry_attempts;
    int64_t retry_over_ms;
    int concurrency;
    double rate_per_s; /* 0: no limit */
    enum config_order order;
    struct secret write_key; /* kind source */
};

struct config {
    struct arena arena; /* everything below lives in it, but secrets */
    struct {
        struct config_address public_address, admin_address;
        const char *public_url; /* NULL: from the listener */
        const char *tls_cert, *tls_key;
    } server;
    const char *
        store; /* "sqlite:/absolute/path" or "postgresql://…"; NULL: in the data folder */
    const char *master_key_file;
    struct {
        bool is_present;
        const char *destination, *scope;
        const char *settings_json;
        struct secret client_id, client_secret;
    } app;
    struct {
        const char *api, *id_url, *app_url, *api_url, *public_api_url, *tracking_url;
    } segment;
    struct config_subscription *subscriptions;
    size_t n_subscriptions;
    const char **egress_allow; /* as written: hosts or CIDRs */
    size_t n_egress_allow;
    bool functions_readonly; /* no file of code is written */
    bool erase_on_delete;
    struct {
        int64_t body_bytes, event_bytes, queue_events, disk_bytes;
        int64_t retention_ms, dedupe_ms;
    } limits;
    struct {
        int count; /* 0: auto */
        int64_t memory_bytes;
        enum config_sandbox sandbox;
        bool jit;
    } runners;
    struct {
        enum config_log_level level;
        enum config_log_format format;
    } log;
    const char *shown_json; /* config_show's, for who asks later; NULL: nobody made it */
};

/* Where values come from, highest first. Texts may be empty; all are borrowed. */
struct config_sources {
    const char *const
        *flags; /* "server.public=127.0.0.1:9000", NULL-terminated; or NULL */
    const char *const *environment; /* "NAME=value", NULL-terminated; or NULL */
    struct bytes dotenv;            /* content of .env */
    struct bytes file;              /* content of partnerapp.yaml */
    const char *file_path;          /* for messages and relative paths; NULL: no file */
    bool is_dev; /* dev's defaults: addresses, one subscription with auth none (§7) */
    /* For NAME_FILE: returns the content in @ret, or -1 with @err. */
    int (*read_file)(const char *path, struct buf *ret, struct err *err);
};

/* Every problem of a configuration, each with place and help, to be shown in one go. */
struct config_problems {
    struct err *items; /* owned */
    size_t n_items;
};

/*
 * 0 with *ret_config (owned by the caller), or -1 with at least one problem. Every source
 * is checked as a whole, also values that a higher one hides. Paths of the file are
 * resolved against its folder as named: give an absolute file_path for absolute results;
 * those of flags and environment stay as they are (relative to the working directory).
 */
must_check
int config_load(const struct config_sources *sources, struct config **ret_config,
                struct config_problems *ret_problems);
void config_free(struct config *config); /* wipes secrets; NULL is fine */
void config_problems_done(struct config_problems *problems);

/* Effective values as one JSON array of {"key","value","origin"}, secrets as "••••", the
 * subscriptions' keys as "subscriptions[0].name"; origin is "flag", "environment NAME",
 * ".env:LINE", "partnerapp.yaml:LINE" or "default". -1 when the configuration has
 * problems (config_load says which). */
must_check
int config_show(const struct config_sources *sources, struct buf *ret_json);

struct config_rule;

/* One row of the table, for the reference page and for completion. */
struct config_key {
    const char *name; /* "server.public", "subscriptions[].retry.attempts" */
    const char *kind; /* "an address", "a duration from 1ms to 1m", "one of …" */
    const char *default_text;   /* as written in YAML; "null": unset */
    const char *default_in_dev; /* where `dev` differs; else NULL */
    const char *environment;    /* NULL for keys in a list and lists */
    bool is_secret;             /* then NAME_FILE (in YAML: name_file) is read too */
    bool is_reloadable;
    const char *help;
    const struct config_rule *rule; /* how it is read (core/config_rule.h) */
};
const struct config_key *config_keys(size_t *ret_n_keys);

/* The subscription whose path is @path, or NULL. */
const struct config_subscription *config_by_path(const struct config *config,
                                                 struct bytes path);
const struct config_subscription *config_by_name(const struct config *config,
                                                 struct bytes name);
