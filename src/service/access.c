/* SPDX-License-Identifier: MIT */

#include "service/site.h"

/* "localhost:8888" → "localhost"; "[::1]:8888" → "[::1]". */
static struct bytes host_of(struct bytes authority)
{
    size_t at = authority.len;

    if (authority.len > 0 && authority.ptr[0] == '[')
        return bytes_slice(authority, 0, bytes_index(authority, ']') + 1);
    while (at > 0 && authority.ptr[at - 1] != ':')
        at--;
    return at > 0 ? bytes_slice(authority, 0, at - 1) : authority;
}

static bool is_local_host(struct bytes authority)
{
    struct bytes host = host_of(authority);

    return bytes_eq_nocase(host, BYTES("localhost")) ||
           bytes_eq(host, BYTES("127.0.0.1")) || bytes_eq(host, BYTES("[::1]"));
}

/* A page of another site may make the browser send requests here: then Origin says so,
 * and a name that was rebound to this machine stands in Host (ux §3.7). */
static bool is_from_here(struct server_request *request)
{
    struct bytes host = server_header(request, "Host");
    struct bytes origin = server_header(request, "Origin");

    if (!server_peer_is_loopback(request) || !is_local_host(host))
        return false;
    if (origin.ptr == NULL)
        return true;
    if (!bytes_starts(origin, BYTES("http://")))
        return false;
    return bytes_eq_nocase(bytes_slice(origin, 7, origin.len), host);
}

static enum keyring_role role_of(const struct site *site, struct server_request *request)
{
    struct bytes header = server_header(request, "Authorization");
    struct bytes scheme = bytes_take_until(&header, ' ');

    if (!bytes_eq_nocase(scheme, BYTES("Bearer")) ||
        server_n_headers(request, "Authorization") != 1)
        return KEYRING_NOBODY;
    return keyring_role(site->keyring, bytes_trim(header));
}

bool access_allows(const struct site *site, struct server_request *request,
                   enum keyring_role needed)
{
    enum keyring_role role;

    if (site->is_dev) {
        if (is_from_here(request))
            return true;
        site_problem(
            request, 403, "PA3020",
            "in dev only pages and programs of this machine are served: the Host "
            "or Origin of this request is another's");
        return false;
    }
    role = role_of(site, request);
    if (role >= needed)
        return true;
    if (role == KEYRING_NOBODY)
        site_problem(
            request, 401, "PA3021",
            "a token is needed: Authorization: Bearer pat_… (partnerapp token create)");
    else
        site_problem(request, 403, "PA3022",
                     "the role of this token does not allow that");
    return false;
}
