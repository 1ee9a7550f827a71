/* SPDX-License-Identifier: MIT */

#include "service/site.h"

#include <stdio.h>

#include "base/mem.h"
#include "service/access/origin.h"
#include "service/access/veil.h"
#include "service/access/visit.h"
#include "json/write.h"

enum { FORM_BYTES = 16 << 10, ACTION_BYTES = 128, TABLE_BYTES = 256 << 10 };

struct route {
    const char *method; /* "*": any */
    const char *path;   /* "{}" matches one segment, "{*}" the rest */
    enum route_access access;
    bool is_dev_only;
    site_fn *fn;
};

static const struct route public_routes[] = {
    {"GET", "/livez", ACCESS_PUBLIC, false, api_health_live},
    {"GET", "/readyz", ACCESS_PUBLIC, false, api_health_ready},
    {"GET", "/healthz", ACCESS_PUBLIC, false, api_health_check},
    {"GET", "/auth/segment", ACCESS_PUBLIC, false, enable_press},
    {"GET", "/auth/segment/callback", ACCESS_PUBLIC, false, enable_callback},
    {"GET", "/auth/segment/done", ACCESS_PUBLIC, false, enable_done},
    {"GET", "/auth/segment/button.svg", ACCESS_PUBLIC, false, enable_button},
};

static const struct route admin_routes[] = {
    {"GET", "/api/v1/me", ACCESS_VIEWER, false, api_me_get},
    {"POST", "/api/v1/me/password", ACCESS_VIEWER, false, api_me_password},
    {"GET", "/api/v1/users", ACCESS_ADMIN, false, api_users_list},
    {"POST", "/api/v1/users", ACCESS_ADMIN, false, api_users_create},
    {"PATCH", "/api/v1/users/{}", ACCESS_ADMIN, false, api_users_change},
    {"DELETE", "/api/v1/users/{}", ACCESS_ADMIN, false, api_users_remove},
    {"POST", "/api/v1/users/{}/invitation", ACCESS_ADMIN, false, api_users_invite},
    {"GET", "/api/v1/sessions", ACCESS_VIEWER, false, api_sessions_list},
    {"DELETE", "/api/v1/sessions/{}", ACCESS_VIEWER, false, api_sessions_end},
    {"GET", "/api/v1/audit", ACCESS_ADMIN, false, api_audit_list},
    {"GET", "/api/v1/routes", ACCESS_ADMIN, false, api_routes_get},
    {"GET", "/api/v1/status", ACCESS_VIEWER, false, api_status_get},
    {"GET", "/api/v1/stats", ACCESS_VIEWER, false, api_stats_get},
    {"GET", "/api/v1/config", ACCESS_VIEWER, false, api_config_get},
    {"GET", "/api/v1/health", ACCESS_VIEWER, false, api_health_get},
    {"GET", "/api/v1/retention", ACCESS_VIEWER, false, api_retention_get},
    {"GET", "/api/v1/support", ACCESS_ADMIN, false, api_support_list},
    {"GET", "/api/v1/support/bundle", ACCESS_ADMIN, false, api_support_bundle},
    {"GET", "/metrics", ACCESS_VIEWER, false, api_metrics_get},
    {"GET", "/api/v1/events", ACCESS_VIEWER, false, api_events_list},
    {"GET", "/api/v1/events/export", ACCESS_OPERATOR, false, api_events_export},
    {"GET", "/api/v1/events/{}", ACCESS_VIEWER, false, api_events_get},
    {"GET", "/api/v1/dead", ACCESS_VIEWER, false, api_dead_list},
    {"GET", "/api/v1/dead/groups", ACCESS_VIEWER, false, api_dead_groups},
    {"DELETE", "/api/v1/dead", ACCESS_OPERATOR, false, api_dead_discard},
    {"POST", "/api/v1/replays", ACCESS_OPERATOR, false, api_replays_create},
    {"GET", "/api/v1/replays/{}", ACCESS_VIEWER, false, api_replays_get},
    {"GET", "/api/v1/jobs", ACCESS_VIEWER, false, api_jobs_list},
    {"GET", "/api/v1/jobs/{}", ACCESS_VIEWER, false, api_jobs_get},
    {"POST", "/api/v1/exports", ACCESS_OPERATOR, false, api_exports_create},
    {"GET", "/api/v1/exports/{}", ACCESS_OPERATOR, false, api_exports_get},
    {"GET", "/api/v1/exports/{}/file", ACCESS_OPERATOR, false, api_exports_file},
    {"DELETE", "/api/v1/exports/{}", ACCESS_OPERATOR, false, api_exports_remove},
    {"GET", "/api/v1/keys", ACCESS_VIEWER, false, api_keys_list},
    {"POST", "/api/v1/keys", ACCESS_ADMIN, false, api_keys_create},
    {"DELETE", "/api/v1/keys/{}", ACCESS_ADMIN, false, api_keys_revoke},
    {"GET", "/api/v1/tokens", ACCESS_ADMIN, false, api_tokens_list},
    {"POST", "/api/v1/tokens", ACCESS_ADMIN, false, api_tokens_create},
    {"DELETE", "/api/v1/tokens/{}", ACCESS_ADMIN, false, api_tokens_revoke},
    {"GET", "/api/v1/endpoints", ACCESS_VIEWER, false, api_endpoints_list},
    {"GET", "/api/v1/endpoints/{}", ACCESS_VIEWER, false, api_endpoints_get},
    {"POST", "/api/v1/endpoints/{}/pause", ACCESS_OPERATOR, false, api_endpoints_pause},
    {"POST", "/api/v1/endpoints/{}/resume", ACCESS_OPERATOR, false, api_endpoints_resume},
    {"POST", "/api/v1/endpoints/{}/ping", ACCESS_OPERATOR, false, api_endpoints_ping},
    {"GET", "/api/v1/functions", ACCESS_VIEWER, false, api_functions_list},
    {"GET", "/api/v1/health", ACCESS_VIEWER, false, api_health_get},
    {"GET", "/api/v1/retention", ACCESS_VIEWER, false, api_retention_get},
    {"GET", "/api/v1/support", ACCESS_ADMIN, false, api_support_list},
    {"GET", "/api/v1/support/bundle", ACCESS_ADMIN, false, api_support_bundle},
    {"POST", "/api/v1/exports", ACCESS_OPERATOR, false, api_exports_create},
    {"GET", "/api/v1/exports/{}", ACCESS_OPERATOR, false, api_exports_get},
    {"GET", "/api/v1/exports/{}/file", ACCESS_OPERATOR, false, api_exports_file},
    {"DELETE", "/api/v1/exports/{}", ACCESS_OPERATOR, false, api_exports_remove},
    {"POST", "/api/v1/functions", ACCESS_ADMIN, false, api_functions_create},
    {"GET", "/api/v1/templates", ACCESS_VIEWER, false, api_templates_list},
    {"GET", "/api/v1/functions/{}", ACCESS_VIEWER, false, api_functions_get},
    {"PUT", "/api/v1/functions/{}", ACCESS_ADMIN, false, api_functions_save},
    {"GET", "/api/v1/functions/{}/versions/{}", ACCESS_VIEWER, false,
     api_functions_version},
    {"POST", "/api/v1/functions/{}/check", ACCESS_OPERATOR, false, api_functions_check},
    /* Who runs code of his own can have it tell the settings' secrets. */
    {"POST", "/api/v1/functions/{}/run", ACCESS_ADMIN, false, api_functions_run},
    {"POST", "/api/v1/functions/{}/test", ACCESS_ADMIN, false, api_functions_test},
    {"POST", "/api/v1/functions/{}/deploy", ACCESS_ADMIN, false, api_functions_deploy},
    {"GET", "/api/v1/vault", ACCESS_ADMIN, false, api_vault_get},
    {"POST", "/api/v1/vault/rotate", ACCESS_ADMIN, false, api_vault_rotate},
    {"GET", "/api/v1/installs", ACCESS_VIEWER, false, api_installs_list},
    {"POST", "/api/v1/installs", ACCESS_OPERATOR, false, api_installs_start},
    {"GET", "/api/v1/installs/{}", ACCESS_VIEWER, false, api_installs_get},
    {"DELETE", "/api/v1/installs/{}", ACCESS_ADMIN, false, api_installs_forget},
    {"POST", "/api/v1/installs/{}/refresh", ACCESS_OPERATOR, false, api_installs_refresh},
    {"POST", "/api/v1/installs/{}/sync", ACCESS_OPERATOR, false, api_installs_sync},
    {"POST", "/api/v1/installs/{}/token", ACCESS_ADMIN, false, api_installs_token},
    {"GET", "/api/v1/stream", ACCESS_VIEWER, false, api_stream_get},
    {"GET", "/api/v1/sinks/{}/requests", ACCESS_VIEWER, true, api_sink_requests},
    {"DELETE", "/api/v1/sinks/{}/requests", ACCESS_OPERATOR, true, api_sink_clear},
    {"PUT", "/api/v1/sinks/{}/behaviour", ACCESS_OPERATOR, true, api_sink_behave},
    {"GET", "/access.css", ACCESS_PUBLIC, false, access_style_get},
    {"GET", "/login", ACCESS_FORM, false, access_login_get},
    {"POST", "/login", ACCESS_FORM, false, access_login_post},
    {"POST", "/logout", ACCESS_FORM, false, access_logout_post},
    {"GET", "/setup", ACCESS_FORM, false, access_setup_get},
    {"POST", "/setup", ACCESS_FORM, false, access_setup_post},
    {"GET", "/invitation", ACCESS_FORM, false, access_invitation_get},
    {"POST", "/invitation", ACCESS_FORM, false, access_invitation_post},
    {"GET", "/", ACCESS_PAGE, false, pages_get},
    {"GET", "/events", ACCESS_PAGE, false, pages_get},
    {"GET", "/events/{}", ACCESS_PAGE, false, pages_get},
    {"GET", "/functions", ACCESS_PAGE, false, pages_get},
    {"GET", "/functions/{}", ACCESS_PAGE, false, pages_get},
    {"GET", "/endpoints", ACCESS_PAGE, false, pages_get},
    {"GET", "/endpoints/{}", ACCESS_PAGE, false, pages_get},
    {"GET", "/installs", ACCESS_PAGE, false, pages_get},
    {"GET", "/installs/{}", ACCESS_PAGE, false, pages_get},
    {"GET", "/dead", ACCESS_PAGE, false, pages_get},
    {"GET", "/settings", ACCESS_PAGE, false, pages_get},
    {"GET", "/assets/{}/{}", ACCESS_PUBLIC, false, pages_asset},
};

/* The built-in request bin takes requests as an endpoint would: from anything, any
 * method. */
static const struct route sink_route = {"*", "/sink/{*}", ACCESS_PUBLIC, true,
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

static void begin_visit(struct site *site, struct server_request *request,
                        enum route_access access)
{
    if (access == ACCESS_PUBLIC)
        return;
    if (visit_begin(site, request, access) != NULL && access == ACCESS_FORM)
        server_limit_body(request, FORM_BYTES);
}

/* Reading that takes everything along is told as well; looking over code while somebody
 * types is not. */
static bool is_told(const struct route *route)
{
    if (route->access <= ACCESS_PAGE || route->fn == api_functions_check)
        return false;
    return strcmp(route->method, "GET") != 0 || route->fn == api_events_export ||
           route->fn == api_exports_file || route->fn == api_support_bundle;
}

/* Its answer has what events say, or was asked in words of theirs. */
static bool has_values(const struct route *route)
{
    static site_fn *const fns[] = {api_events_list, api_events_get,   api_dead_list,
                                   api_dead_groups, api_replays_get,  api_jobs_list,
                                   api_jobs_get,    api_sink_requests};

    for (size_t i = 0; i < COUNT(fns); i++) {
        if (route->fn == fns[i])
            return true;
    }
    return false;
}

static void handle(struct site_call *call, const struct route *route)
{
    struct visit *visit = visit_of(call->request);
    char action[ACTION_BYTES];
    char subject[ACTION_BYTES];

    if (route->access == ACCESS_PUBLIC) {
        route->fn(call);
        return;
    }
    snprintf(action, sizeof(action), "%s %s", route->method, route->path);
    snprintf(subject, sizeof(subject), "%.*s%s%.*s", BYTES_FMT(call->parameters[0]),
             call->parameters[1].len > 0 ? "/" : "", BYTES_FMT(call->parameters[1]));
    if (!visit_proceed(visit, is_told(route) ? action : NULL, bytes_str(subject)))
        return;
    call->principal = visit->principal;
    visit->is_veiled = has_values(route) && veil_is_for(&visit->principal);
    route->fn(call);
}

/* Segment's servers name no origin. In dev, where no key is needed, a page of another
 * site would make up events. */
static bool is_made_up(struct site_call *call, bool is_admin)
{
    const struct server_request *request = call->request;

    return call->site->is_dev && server_header(request, "Origin").ptr != NULL &&
           !(origin_is_local(request) && origin_of(request) == ORIGIN_OURS) &&
           find_route(call, true, is_admin).found == NULL;
}

/* Routes are marked by the request's data: a subscription's, or a visit. */
void site_head(struct site *site, struct server_request *request, bool is_public,
               bool is_admin)
{
    struct site_call call = {.site = site, .request = request};

    if (is_public && is_made_up(&call, is_admin)) {
        site_problem(request, 403, "PA3020",
                     "in dev no page of another site sends events: the Host or Origin of "
                     "this request is another's");
        return;
    }
    if (is_public && receive_head(&site->receive, request))
        return;
    const struct search search = find_route(&call, is_public, is_admin);
    if (search.found != NULL) {
        begin_visit(site, request, search.found->access);
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

    if (receive_has(request)) {
        receive_body(&site->receive, request);
        return;
    }
    const struct search search = find_route(&call, is_public, is_admin);
    if (search.found != NULL)
        handle(&call, search.found);
    else
        server_answer_message(request, 404, "Not found");
}

/* --- the table, for the test that tries every row -----------------------------------
 */

static void print_route(struct write *json, const struct route *route,
                        const char *listener)
{
    write_object(json);
    write_member_text(json, "method", route->method);
    write_member_text(json, "path", route->path);
    write_member_text(json, "access", access_text(route->access));
    write_member_text(json, "listener", listener);
    write_member_bool(json, "dev_only", route->is_dev_only);
    write_member_bool(json, "audited", is_told(route));
    write_object_end(json);
}

void api_routes_get(const struct site_call *call)
{
    cleanup(buf_done) struct buf body = {0};
    struct write json;

    buf_init(&body, TABLE_BYTES);
    write_init(&json, &body);
    write_object(&json);
    write_key(&json, "data");
    write_array(&json);
    for (size_t i = 0; i < COUNT(public_routes); i++)
        print_route(&json, &public_routes[i], "public");
    for (size_t i = 0; i < COUNT(admin_routes); i++)
        print_route(&json, &admin_routes[i], "admin");
    print_route(&json, &sink_route, "admin");
    write_array_end(&json);
    write_object_end(&json);
    site_json(call->request, 200, &body);
}
