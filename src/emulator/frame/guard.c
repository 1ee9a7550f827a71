/* SPDX-License-Identifier: MIT */

#include "emulator/frame/guard.h"

#include "emulator/frame/emulator.h"
#include "emulator/frame/route.h"

/* "localhost" of "localhost:8889", "[::1]" of "[::1]:8889". */
static struct bytes host_name(struct bytes host)
{
    size_t end = bytes_index(host, ']');

    if (end < host.len)
        return bytes_slice(host, 0, end + 1);
    return bytes_slice(host, 0, bytes_index(host, ':'));
}

/* Digits and dots: "127.evil.test" is a name, not an address. */
static bool is_loopback_address(struct bytes name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] != '.' && !(name.ptr[i] >= '0' && name.ptr[i] <= '9'))
            return false;
    }
    return bytes_starts(name, BYTES("127."));
}

static bool is_this_machine(const struct exchange *exchange, struct bytes host)
{
    const char *bound = emulator_options(exchange->emulator)->host;
    const struct bytes name = host_name(host);

    return bytes_eq_nocase(name, BYTES("localhost")) ||
           bytes_ends(name, BYTES(".localhost")) || is_loopback_address(name) ||
           bytes_eq(name, BYTES("[::1]")) || bytes_eq(name, bytes_str(bound));
}

/* "http://" and the very Host the browser asked. */
static bool is_own_origin(struct bytes origin, struct bytes host)
{
    const struct bytes scheme = BYTES("http://");

    return bytes_starts(origin, scheme) &&
           bytes_eq_nocase(bytes_slice(origin, scheme.len, origin.len), host);
}

bool guard_allows(struct exchange *exchange)
{
    const struct bytes host = exchange_header(exchange, "Host");
    const struct bytes origin = exchange_header(exchange, "Origin");

    if (!exchange->area->is_own)
        return true;
    if (!is_this_machine(exchange, host)) {
        exchange_refuse(exchange, 403,
                        "pages and controls answer only to this machine's own names, "
                        "such as localhost");
        return false;
    }
    if (origin.ptr != NULL && !is_own_origin(origin, host)) {
        exchange_refuse(exchange, 403, "a page of another site may not do that");
        return false;
    }
    return true;
}
