/* SPDX-License-Identifier: MIT */

#include "service/access/access.h"

#include <stdio.h>

#include "service/access/cookie.h"
#include "service/access/next.h"
#include "service/access/origin.h"
#include "service/access/sessions.h"
#include "service/site.h"
#include "sys/clock.h"

enum { LOCATION_BYTES = 4 * NEXT_BYTES };

const char *access_text(enum route_access access)
{
    static const char *const texts[] = {
        [ACCESS_DENIED] = "denied", [ACCESS_PUBLIC] = "public",
        [ACCESS_FORM] = "form",     [ACCESS_PAGE] = "page",
        [ACCESS_VIEWER] = "viewer", [ACCESS_OPERATOR] = "operator",
        [ACCESS_ADMIN] = "admin",
    };

    return texts[access];
}

static bool is_change(const struct server_request *request)
{
    struct bytes method = server_method(request);

    return !bytes_eq(method, BYTES("GET")) && !bytes_eq(method, BYTES("HEAD"));
}

static bool has_role(enum keyring_role role, enum route_access access)
{
    switch (access) {
    case ACCESS_DENIED:
        return false;
    case ACCESS_PUBLIC:
    case ACCESS_FORM:
        return true;
    case ACCESS_PAGE:
    case ACCESS_VIEWER:
        return role >= KEYRING_VIEWER;
    case ACCESS_OPERATOR:
        return role >= KEYRING_OPERATOR;
    case ACCESS_ADMIN:
        return role >= KEYRING_ADMIN;
    }
    return false;
}

static bool refuse_origin(struct server_request *request)
{
    site_problem(request, 403, "PA3023",
                 "this came from a page of another origin, or does not say from which; "
                 "a call with a cookie that changes something has Origin (or "
                 "Sec-Fetch-Site: same-origin), and its body is application/json");
    return false;
}

/* --- dev ------------------------------------------------------------------------------
 */

static bool allows_dev(struct server_request *request, enum route_access access,
                       struct principal *principal)
{
    if (!origin_is_local(request)) {
        site_problem(
            request, 403, "PA3020",
            "in dev only pages and programs of this machine are served: the Host "
            "or Origin of this request is another's");
        return false;
    }
    /* A page of another port of this machine is another page all the same. */
    if (access != ACCESS_PAGE && origin_of(request) == ORIGIN_OTHER)
        return refuse_origin(request);
    *principal =
        (struct principal){.kind = PRINCIPAL_DEV, .role = KEYRING_ADMIN, .name = "dev"};
    return true;
}

/* --- serve ----------------------------------------------------------------------------
 */

static void by_token(const struct site *site, const struct server_request *request,
                     struct principal *principal)
{
    struct bytes header = server_header(request, "Authorization");
    struct bytes scheme = bytes_take_until(&header, ' ');
    struct keyring_token token;
    enum keyring_role role;

    if (!bytes_eq_nocase(scheme, BYTES("Bearer")) ||
        server_n_headers(request, "Authorization") != 1)
        return;
    role = keyring_token(site->keyring, bytes_trim(header), &token);
    if (role == KEYRING_NOBODY)
        return;
    *principal =
        (struct principal){.kind = PRINCIPAL_TOKEN, .role = role, .row = token.row};
    memcpy(principal->hash, token.hash, sizeof(token.hash));
    snprintf(principal->name, sizeof(principal->name), "%s", token.name);
}

static bool is_json(const struct server_request *request)
{
    struct bytes type = server_header(request, "Content-Type");

    if (server_content_length(request) <= 0)
        return true;
    return bytes_eq_nocase(bytes_trim(bytes_take_until(&type, ';')),
                           BYTES("application/json"));
}

/* SameSite=Strict keeps cookies from other sites, but the pages of other ports of this
 * host are of the same site. */
static bool is_meant(const struct server_request *request, enum route_access access)
{
    enum origin origin = origin_of(request);

    if (access == ACCESS_PAGE)
        return true;
    if (!is_change(request))
        return origin != ORIGIN_OTHER;
    return origin == ORIGIN_OURS && is_json(request);
}

static void send_to_login(struct server_request *request)
{
    cleanup(buf_done) struct buf location = {0};
    struct server_answer answer = {.status = 303};

    buf_init(&location, LOCATION_BYTES);
    next_to_login(request, &location);
    answer.headers[0] = (struct server_header){"Location", buf_text(&location)};
    answer.headers[1] = (struct server_header){"Cache-Control", "no-store"};
    server_answer(request, &answer);
}

static void refuse(struct server_request *request, enum route_access access,
                   const struct principal *principal)
{
    const bool has_sent = server_header(request, "Authorization").ptr != NULL;

    if (principal->kind != PRINCIPAL_NOBODY)
        site_problem(request, 403, "PA3022",
                     principal->kind == PRINCIPAL_TOKEN
                         ? "the role of this token does not allow that"
                         : "your role does not allow that");
    else if (access == ACCESS_PAGE && !has_sent)
        send_to_login(request);
    else
        site_problem(
            request, 401, "PA3021",
            "a token is needed: Authorization: Bearer pat_… (partnerapp token create), "
            "or the session of a browser that has signed in");
}

static bool allows_serve(struct site *site, struct server_request *request,
                         enum route_access access, struct principal *principal)
{
    if (access == ACCESS_FORM) {
        if (is_change(request) && origin_of(request) == ORIGIN_OTHER)
            return refuse_origin(request);
        return true;
    }
    if (server_header(request, "Authorization").ptr != NULL)
        by_token(site, request, principal);
    else
        sessions_enter(site, request, principal);
    if (!has_role(principal->role, access)) {
        refuse(request, access, principal);
        return false;
    }
    if (principal->kind == PRINCIPAL_USER && !is_meant(request, access))
        return refuse_origin(request);
    return true;
}

bool access_allows(struct site *site, struct server_request *request,
                   enum route_access access, struct principal *ret_principal)
{
    *ret_principal = (struct principal){0};
    if (access == ACCESS_PUBLIC)
        return true;
    if (access == ACCESS_DENIED) {
        site_problem(request, 403, "PA3022", "nobody may do that");
        return false;
    }
    return site->is_dev ? allows_dev(request, access, ret_principal)
                        : allows_serve(site, request, access, ret_principal);
}

bool access_lasts(struct site *site, const struct principal *principal)
{
    struct principal now;

    switch (principal->kind) {
    case PRINCIPAL_NOBODY:
        return false;
    case PRINCIPAL_DEV:
        return site->is_dev;
    case PRINCIPAL_TOKEN:
        return keyring_role_now(site->keyring, principal->hash) == principal->role;
    case PRINCIPAL_USER:
        return people_know(site->people, principal->hash, clock_wall_ms(), &now) &&
               now.role == principal->role && now.row == principal->row;
    }
    return false;
}
