/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * site - what the listeners serve besides events: health, API, metrics, stream, sink.
 *
 * One table of routes (routes.c) names method, path and the role that it needs; who may
 * come in is decided in one place (access.c). A handler answers at once, or hands the
 * request to the desk (reading), to keeper as an errand (writing) or to courier as an
 * order, and whoever ends it answers.
 */

#include <stdatomic.h>

#include "base/arena.h"
#include "net/server.h"
#include "service/access/access.h"
#include "service/receive.h"

struct audit;
struct courier;
struct desk;
struct doorman;
struct enable;
struct exports;
struct hasher;
struct json;
struct keeper;
struct live;
struct id;
struct people;
struct reader;
struct reader_event;
struct rotation;
struct registrar;
struct service_notice;
struct sinks;
struct stats;
struct store_install;
struct streams;
struct workshop;
struct write;

struct site {
    struct receive receive;
    _Atomic(struct snapshot *) snapshot;
    struct tally *tally;
    struct keyring *keyring;
    const struct vault *vault;
    struct rotation *rotation;
    struct keeper *keeper;
    struct courier *courier;
    struct desk *desk;
    struct live *live;
    struct sinks *sinks; /* dev; else NULL */
    struct streams *streams;
    struct stats *stats;
    struct workshop *workshop;
    struct registrar *registrar;
    struct enable *enable;
    struct exports *exports;
    struct people *people;
    struct audit *audit;
    struct hasher *hasher;
    struct doorman *doorman;
    char setup_code[64]; /* of the setup link that was made at the start; "": none */
    void (*notice_fn)(void *arg, const struct service_notice *notice); /* may be NULL */
    void *notice_arg;
    const char *data; /* the folder that the store is in */
    bool is_dev;
    atomic_bool is_up; /* started as a whole; before that it is alive, but not ready */
    atomic_bool is_draining;
    atomic_uint n_exports;                /* under way */
    atomic_bool has_bad_config;           /* the last reload was refused */
    _Atomic int64_t configured_ms;        /* wall; the last reload that was not */
    int64_t started_ms;                   /* monotonic */
    char public_text[80], admin_text[80]; /* "127.0.0.1:8888" */
};

enum { SITE_PARAMETERS = 2 };
struct site_call { /* one request to a handler */
    struct site *site;
    struct server_request *request;
    struct bytes parameters[SITE_PARAMETERS]; /* what {…} in the path matched */
    struct principal principal;               /* who asks; nobody on public routes */
};
typedef void site_fn(const struct site_call *call);

/* --- routes.c ----------------------------------------------------------------------- */

/* The request of a listener that serves the public paths, the admin ones, or both. */
void site_head(struct site *site, struct server_request *request, bool is_public,
               bool is_admin);
void site_body(struct site *site, struct server_request *request, bool is_public,
               bool is_admin);

/* --- answers.c ---------------------------------------------------------------------- */

void site_json(struct server_request *request, int status, const struct buf *body);
/* application/problem+json; @code may be NULL. */
void site_problem(struct server_request *request, int status, const char *code,
                  const char *detail);
void site_problem_err(struct server_request *request, const struct err *err);
/* 400 for a query that is not understood, with "position" and "length" in characters,
 * and for people "place" (the query with a mark) and "help". @query is what query_parse
 * has left. */
struct query;
void site_problem_query(struct server_request *request, const struct query *query,
                        const struct err *err);
/*
 * The body of @request as an object, into *ret_json: {} when there is none. -1 when it is
 * none, has a member that @fields (n_fields of them) do not name, or one of another kind
 * (null is as good as absent): what is misspelt must not be ignored, "dryrun" would send.
 */
struct site_field {
    const char *name;
    int kind; /* enum json_kind; JSON_MISSING: any */
};
must_check
int site_read(struct server_request *request, const struct site_field *fields,
              size_t n_fields, struct json **ret_json, struct err *err);
/* One event with its deliveries (interface §6). */
void site_print_event(const struct site *site, struct write *json,
                      const struct reader_event *event);
/* "counters": how many deliveries are in which state. */
void site_print_counters(struct write *json, const struct tally_counts *counts);
/* One install, never with its token. */
void site_print_install(struct write *json, const struct store_install *install);
struct courier;
/* The objects of /status, /stats (of the last day), /health, /retention; in courier's
 * thread. */
void site_write_status(struct courier *courier, struct site *site, int64_t n_dead_letters,
                       struct write *json);
void site_write_stats(struct courier *courier, struct site *site, int64_t oldest_ms,
                      struct write *json);
void site_write_health(struct courier *courier, struct site *site, struct write *json);
/* The rows of /config. False: it is not known. */
must_check
bool site_write_config(struct site *site, struct write *json, size_t *ret_n);
/* Why events are not taken; NULL: they are. */
const char *site_queue_trouble(struct site *site);
const char *site_serving_trouble(struct site *site);
void site_event_id(int64_t row, int64_t time_ms, char ret_text[32]);

/* Why /readyz says no, in a few words; NULL: it is ready. */
const char *site_trouble(struct site *site);

/* --- handlers, one file a noun --------------------------------------------------------
 */

site_fn api_health_live, api_health_ready, api_health_check;
site_fn api_status_get, api_metrics_get, api_stats_get, api_config_get;
/* The event of an event's or a delivery's id, for who has one. 1 found, 0 not there, -1.
 */
must_check
int api_events_find(struct reader *reader, const struct id *id, struct arena *arena,
                    struct reader_event *ret_event, struct err *err);
site_fn api_events_list, api_events_get, api_dead_list, api_dead_groups, api_dead_discard;
site_fn api_replays_create, api_replays_get;
site_fn api_keys_list, api_keys_create, api_keys_revoke;
site_fn api_tokens_list, api_tokens_create, api_tokens_revoke;
site_fn api_endpoints_list, api_endpoints_get, api_endpoints_pause, api_endpoints_resume,
    api_endpoints_ping;
site_fn api_functions_list, api_functions_get, api_functions_version, api_functions_save,
    api_functions_check, api_functions_run, api_functions_test, api_functions_deploy;
site_fn api_vault_get, api_vault_rotate;
site_fn api_stream_get;
site_fn api_jobs_list, api_jobs_get, api_events_export;
site_fn api_templates_list, api_functions_create;
site_fn api_retention_get, api_health_get, api_support_list, api_support_bundle;
site_fn api_exports_create, api_exports_get, api_exports_file, api_exports_remove;
site_fn api_sink_take, api_sink_requests, api_sink_clear, api_sink_behave;
site_fn api_installs_list, api_installs_get, api_installs_start, api_installs_refresh,
    api_installs_sync, api_installs_token, api_installs_forget;
site_fn api_me_get, api_me_password, api_routes_get, api_audit_list;
site_fn api_users_list, api_users_create, api_users_change, api_users_remove,
    api_users_invite, api_sessions_list, api_sessions_end;
site_fn access_style_get, access_login_get, access_login_post, access_logout_post,
    access_setup_get, access_setup_post, access_invitation_get, access_invitation_post;
/* The console: its one HTML under the addresses of its pages, and what that asks for. */
site_fn pages_get, pages_asset;
site_fn enable_press, enable_callback, enable_done, enable_button;
