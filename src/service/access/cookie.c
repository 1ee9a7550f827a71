/* SPDX-License-Identifier: MIT */

#include "service/access/cookie.h"

#include <stdio.h>

struct bytes cookie_read(const struct server_request *request, const char *name)
{
    struct bytes rest = server_header(request, "Cookie");
    struct bytes found = BYTES("");
    bool is_found = false;

    if (server_n_headers(request, "Cookie") != 1)
        return found;
    while (rest.len > 0) {
        struct bytes pair = bytes_trim(bytes_take_until(&rest, ';'));

        if (!bytes_eq(bytes_take_until(&pair, '='), bytes_str(name)))
            continue;
        if (pair.len > COOKIE_VALUE_BYTES || (is_found && !bytes_eq(found, pair)))
            return BYTES("");
        found = pair;
        is_found = true;
    }
    return found;
}

void cookie_write(const char *name, const char *value, int64_t age_s, bool is_secure,
                  char ret_text[COOKIE_BYTES])
{
    snprintf(ret_text, COOKIE_BYTES,
             "%s=%s; Max-Age=%lld; Path=/; HttpOnly; SameSite=Strict%s", name, value,
             (long long)age_s, is_secure ? "; Secure" : "");
}

bool cookie_is_secure(const struct server_request *request)
{
    return bytes_starts(server_header(request, "Origin"), BYTES("https://"));
}
