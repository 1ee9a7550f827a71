/* SPDX-License-Identifier: MIT */

#include "service/site.h"

#include <stdio.h>

#include "base/mem.h"

struct route {
    const char *method;     /* "*": any */
    const char *path;       /* "{}" matches one segment, "{*}" the rest */
    enum keyring_role role; /* NOBODY: public, no credential */
    bool is_dev_only;
    site_fn *fn;
};

static const struct route public_routes[] = {
    {"GET", "/livez", KEYRING_NOBODY, false, api_health_live},
    {"GET", "/readyz", KEYRING_NOBODY, false, api_health_ready},
    {"GET", "/healthz", KEYRING_NOBODY, false, api_health_check},
    {"GET", "/auth/segment", KEYRING_NOBODY, false, enable_press},
    {"GET", "/auth/segment/callback", KEYRING_NOBODY, false, enable_callback},
    {"GET", "/auth/segment/done", KEYRING_NOBODY, false, enable_done},
    {"GET", "/auth/segment/button.svg", KEYRING_NOBODY, false, enable_button},
};

static const struct route admin_routes[] = {
    {"GET", "/api/v1/status", KEYRING_VIEWER, false, api_status_get},
    {"GET", "/api/v1/stats", KEYRING_VIEWER, false, api_stats_get},
    {"GET", "/api/v1/config", KEYRING_VIEWER, false, api_config_get},
    {"GET", "/api/v1/health", KEYRING_VIEWER, false, api_health_get},
    {"GET", "/api/v1/retention", KEYRING_VIEWER, false, api_retention_get},
    {"GET", "/api/v1/support", KEYRING_ADMIN, false, api_support_list},
    {"GET", "/api/v1/support/bundle", KEYRING_ADMIN, false, api_support_bundle},
    {"GET", "/metrics", KEYRING_VIEWER, false, api_metrics_get},
    {"GET", "/api/v1/events", KEYRING_VIEWER, false, api_events_list},
    {"GET", "/api/v1/events/export", KEYRING_OPERATOR, false, api_events_export},
    {"GET", "/api/v1/events/{}", KEYRING_VIEWER, false, api_events_get},
    {"GET", "/api/v1/dead", KEYRING_VIEWER, false, api_dead_list},
    {"GET", "/api/v1/dead/groups", KEYRING_VIEWER, false, api_dead_groups},
    {"DELETE", "/api/v1/dead", KEYRING_OPERATOR, false, api_dead_discard},
    {"POST", "/api/v1/replays", KEYRING_OPERATOR, false, api_replays_create},
    {"GET", "/api/v1/replays/{}", KEYRING_VIEWER, false, api_replays_get},
    {"GET", "/api/v1/jobs", KEYRING_VIEWER, false, api_jobs_list},
    {"GET", "/api/v1/jobs/{}", KEYRING_VIEWER, false, api_jobs_get},
    {"POST", "/api/v1/exports", KEYRING_OPERATOR, false, api_exports_create},
    {"GET", "/api/v1/exports/{}", KEYRING_OPERATOR, false, api_exports_get},
    {"GET", "/api/v1/exports/{}/file", KEYRING_OPERATOR, false, api_exports_file},
    {"DELETE", "/api/v1/exports/{}", KEYRING_OPERATOR, false, api_exports_remove},
    {"GET", "/api/v1/keys", KEYRING_VIEWER, false, api_keys_list},
    {"POST", "/api/v1/keys", KEYRING_ADMIN, false, api_keys_create},
    {"DELETE", "/api/v1/keys/{}", KEYRING_ADMIN, false, api_keys_revoke},
    {"GET", "/api/v1/tokens", KEYRING_ADMIN, false, api_tokens_list},
    {"POST", "/api/v1/tokens", KEYRING_ADMIN, false, api_tokens_create},
    {"DELETE", "/api/v1/tokens/{}", KEYRING_ADMIN, false, api_tokens_revoke},
    {"GET", "/api/v1/endpoints", KEYRING_VIEWER, false, api_endpoints_list},
    {"GET", "/api/v1/endpoints/{}", KEYRING_VIEWER, false, api_endpoints_get},
    {"POST", "/api/v1/endpoints/{}/pause", KEYRING_OPERATOR, false, api_endpoints_pause},
    {"POST", "/api/v1/endpoints/{}/resume", KEYRING_OPERATOR, false,
     api_endpoints_resume},
    {"POST", "/api/v1/endpoints/{}/ping", KEYRING_OPERATOR, false, api_endpoints_ping},
    {"GET", "/api/v1/functions", KEYRING_VIEWER, false, api_functions_list},
    {"POST", "/api/v1/functions", KEYRING_ADMIN, false, api_functions_create},
    {"GET", "/api/v1/templates", KEYRING_VIEWER, false, api_templates_list},
    {"GET", "/api/v1/functions/{}", KEYRING_VIEWER, false, api_functions_get},
    {"PUT", "/api/v1/functions/{}", KEYRING_ADMIN, false, api_functions_save},
    {"GET", "/api/v1/functions/{}/versions/{}", KEYRING_VIEWER, false,
     api_functions_version},
    {"POST", "/api/v1/functions/{}/check", KEYRING_OPERATOR, false, api_functions_check},
    /* Who runs code of his own can have it tell the settings' secrets. */
    {"POST", "/api/v1/functions/{}/run", KEYRING_ADMIN, false, api_functions_run},
    {"POST", "/api/v1/functions/{}/test", KEYRING_ADMIN, false, api_functions_test},
    {"POST", "/api/v1/functions/{}/deploy", KEYRING_ADMIN, false, api_functions_deploy},
    {"GET", "/api/v1/vault", KEYRING_ADMIN, false, api_vault_get},
    {"POST", "/api/v1/vault/rotate", KEYRING_ADMIN, false, api_vault_rotate},
    {"GET", "/api/v1/installs", KEYRING_VIEWER, false, api_installs_list},
    {"POST", "/api/v1/installs", KEYRING_OPERATOR, false, api_installs_start},
    {"GET", "/api/v1/installs/{}", KEYRING_VIEWER, false, api_installs_get},
    {"DELETE", "/api/v1/installs/{}", KEYRING_ADMIN, false, api_installs_forget},
    {"POST", "/api/v1/installs/{}/refresh", KEYRING_OPERATOR, false,
     api_installs_refresh},
    {"POST", "/api/v1/installs/{}/sync", KEYRING_OPERATOR, false, api_installs_sync},
    {"POST", "/api/v1/installs/{}/token", KEYRING_ADMIN, false, api_installs_token},
    {"GET", "/api/v1/stream", KEYRING_VIEWER, false, api_stream_get},
    {"GET", "/api/v1/sinks/{}/requests", KEYRING_VIEWER, true, api_sink_requests},
    {"DELETE", "/api/v1/sinks/{}/requests", KEYRING_OPERATOR, true, api_sink_clear},
    {"PUT", "/api/v1/sinks/{}/behaviour", KEYRING_OPERATOR, true, api_sink_behave},
    {"GET", "/", KEYRING_NOBODY, false, pages_get},
    {"GET", "/events", KEYRING_NOBODY, false, pages_get},
    {"GET", "/events/{}", KEYRING_NOBODY, false, pages_get},
    {"GET", "/functions", KEYRING_NOBODY, false, pages_get},
    {"GET", "/functions/{}", KEYRING_NOBODY, false, pages_get},
    {"GET", "/endpoints", KEYRING_NOBODY, false, pages_get},
    {"GET", "/endpoints/{}", KEYRING_NOBODY, false, pages_get},
    {"GET", "/installs", KEYRING_NOBODY, false, pages_get},
    {"GET", "/installs/{}", KEYRING_NOBODY, false, pages_get},
    {"GET", "/dead", KEYRING_NOBODY, false, pages_get},
    {"GET", "/settings", KEYRING_NOBODY, false, pages_get},
    {"GET", "/assets/{}/{}", KEYRING_NOBODY, false, pages_asset},
};

/* The built-in request bin takes requests as an endpoint would: from anything, any
 * method. */
static const struct route sink_route = {"*", "/sink/{*}", KEYRING_NOBODY, true,
                                        api_sink_take};

static bool match_path(const char *pattern, struct bytes path,
                       struct bytes parameters[SITE_PARAMETERS])
{
    struct bytes rest = bytes_str(pattern);
    size_t n_parameters = 0;

    while (rest.len > 0 || path.len > 0) {
        struct bytes want = bytes_take_until(&rest, '/');
        struct bytes got;

        if (bytes_eq(want, BYTES("{*}"))) {
            parameters[n_parameters] = path;
            return path.len > 0;
        }
        got = bytes_take_until(&path, '/');
        if (bytes_eq(want, BYTES("{}")) && got.len > 0)
            parameters[n_parameters++] = got;
        else if (!bytes_eq(want, got))
            return false;
    }
    return true;
}

static bool match_method(const struct route *route, struct bytes method)
{
    if (strcmp(route->method, "*") == 0 || bytes_eq(method, bytes_str(route->method)))
        return true;
    return bytes_eq(method, BYTES("HEAD")) && strcmp(route->method, "GET") == 0;
}

struct search {
    const struct route *found;
    char allowed[64]; /* the methods that the path has; "": the path is not known */
};

static void allow(struct search *search, const char *method)
{
    const size_t len = strlen(search->allowed);

    snprintf(search->allowed + len, sizeof(search->allowed) - len, "%s%s%s",
             len > 0 ? ", " : "", method, strcmp(method, "GET") == 0 ? ", HEAD" : "");
}

static void search_in(struct search *search, const struct route *routes, size_t n_routes,
                      const struct site_call *call, struct bytes *parameters)
{
    for (size_t i = 0; i < n_routes && search->found == NULL; i++) {
        if (routes[i].is_dev_only && !call->site->is_dev)
            continue;
        if (!match_path(routes[i].path, server_path(call->request), parameters))
            continue;
        if (match_method(&routes[i], server_method(call->request)))
            search->found = &routes[i];
        else
            allow(search, routes[i].method);
    }
}

static struct search find_route(struct site_call *call, bool is_public, bool is_admin)
{
    struct search search = {0};

    if (is_public)
        search_in(&search, public_routes, COUNT(public_routes), call, call->parameters);
    if (is_admin) {
        search_in(&search, admin_routes, COUNT(admin_routes), call, call->parameters);
        search_in(&search, &sink_route, 1, call, call->parameters);
    }
    return search;
}

/* Segment reads `message`; the API's callers read problems. */
static void refuse_path(struct server_request *request, bool is_admin,
                        const char *allowed)
{
    const bool is_known = allowed[0] != '\0';
    const struct server_answer not_allowed = {
        .status = 405,
        .content_type = "application/json",
        .headers = {{"Allow", allowed}},
        .body = BYTES("{\"message\":\"Method not allowed\"}")};

    if (is_admin && bytes_starts(server_path(request), BYTES("/api/")))
        site_problem(request, is_known ? 405 : 404, "PA7005",
                     is_known ? "Method not allowed" : "Not found");
    else if (is_known)
        server_answer(request, &not_allowed);
    else
        server_answer_message(request, 404, "Not found");
}

/* Routes are marked by the request's data: NULL until a subscription has taken it. */
void site_head(struct site *site, struct server_request *request, bool is_public,
               bool is_admin)
{
    struct site_call call = {.site = site, .request = request};

    if (is_public && receive_head(&site->receive, request))
        return;
    const struct search search = find_route(&call, is_public, is_admin);
    if (search.found != NULL) {
        if (search.found->role != KEYRING_NOBODY)
            access_allows(site, request, search.found->role);
        return;
    }
    /* Who looks for a page of the API sends no event. */
    if (is_public && !bytes_starts(server_path(request), BYTES("/api/")))
        tally_refuse(site->tally, REFUSED_REQUEST);
    refuse_path(request, is_admin, search.allowed);
}

void site_body(struct site *site, struct server_request *request, bool is_public,
               bool is_admin)
{
    struct site_call call = {.site = site, .request = request};

    if (server_data(request) != NULL) {
        receive_body(&site->receive, request);
        return;
    }
    const struct search search = find_route(&call, is_public, is_admin);
    if (search.found != NULL)
        search.found->fn(&call);
    else
        server_answer_message(request, 404, "Not found");
}
