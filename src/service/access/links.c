/* SPDX-License-Identifier: MIT */

#include "service/access/links.h"

#include <stdio.h>

#include "service/access/origin.h"
#include "service/site.h"

enum { ORIGIN_BYTES = 256 };

void links_local(const struct site *site, const char *path, const char *code,
                 char ret_link[LINKS_BYTES])
{
    const struct bytes address = bytes_str(site->admin_text);
    const bool is_any = bytes_starts(address, BYTES("0.0.0.0:"));

    snprintf(ret_link, LINKS_BYTES, "http://%s%s%s?code=%s", is_any ? "127.0.0.1" : "",
             is_any ? address.ptr + 7 : address.ptr, path, code);
}

void links_seen(const struct site *site, const struct server_request *request,
                const char *path, const char *code, char ret_link[LINKS_BYTES])
{
    const struct bytes origin = server_header(request, "Origin");

    if (origin.ptr != NULL && origin.len < ORIGIN_BYTES &&
        origin_of(request) == ORIGIN_OURS)
        snprintf(ret_link, LINKS_BYTES, "%.*s%s?code=%s", BYTES_FMT(origin), path, code);
    else
        links_local(site, path, code, ret_link);
}
