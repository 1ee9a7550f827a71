/* SPDX-License-Identifier: MIT */

#include "service/access/origin.h"

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

/* A proxy may speak TLS for us, so the scheme is not compared. */
static bool is_host(struct bytes origin, struct bytes host)
{
    if (bytes_starts(origin, BYTES("http://")))
        return bytes_eq_nocase(bytes_slice(origin, 7, origin.len), host);
    if (bytes_starts(origin, BYTES("https://")))
        return bytes_eq_nocase(bytes_slice(origin, 8, origin.len), host);
    return false;
}

enum origin origin_of(const struct server_request *request)
{
    struct bytes origin = server_header(request, "Origin");
    struct bytes site = server_header(request, "Sec-Fetch-Site");

    if (site.ptr != NULL && !bytes_eq(site, BYTES("same-origin")) &&
        !bytes_eq(site, BYTES("none")))
        return ORIGIN_OTHER;
    if (origin.ptr != NULL)
        return is_host(origin, server_header(request, "Host")) ? ORIGIN_OURS
                                                               : ORIGIN_OTHER;
    return site.ptr != NULL ? ORIGIN_OURS : ORIGIN_SILENT;
}

bool origin_is_local(const struct server_request *request)
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
