/* SPDX-License-Identifier: MIT */

#include "lambda/runtime/api_base.h"

#include "base/err.h"
#include "net/client.h"
#include "net/egress.h"

/* The host of "[::1]:9001" without its brackets, or of "name:9001". */
static struct bytes host_of(struct bytes api)
{
    if (bytes_starts(api, BYTES("["))) {
        api = bytes_slice(api, 1, api.len);
        return bytes_take_until(&api, ']');
    }
    return bytes_take_until(&api, ':');
}

/* Nothing but a host and a port: no path, no user, no query. */
static bool is_plain(struct bytes api)
{
    static const char refused[] = "/?#@\\ \t\r\n";

    for (size_t i = 0; i < api.len; i++) {
        if (api.ptr[i] == '\0' || strchr(refused, api.ptr[i]) != NULL)
            return false;
    }
    return api.len > 0 && api.len < API_BASE_BYTES / 2;
}

int api_base_read(struct api_base *base, struct bytes api, struct err *err)
{
    cleanup(freep) char *host = bytes_copy(host_of(api));
    cleanup(buf_done) struct buf endpoint = {0};
    const char *const allow[] = {host};

    buf_init(&base->url, API_BASE_BYTES);
    buf_init(&endpoint, API_BASE_BYTES);
    (void)buf_addf(&base->url, "http://%.*s/2018-06-01", BYTES_FMT(api));
    if (!is_plain(api) || !client_url_endpoint(buf_bytes(&base->url), &endpoint) ||
        egress_new(allow, 1, /* allow_loopback= */ false, &base->egress, NULL) < 0)
        return err_set(err, "the Runtime API is at a HOST:PORT, not at \"%.*s\"",
                       BYTES_FMT(bytes_slice(api, 0, 200)));
    return 0;
}

void api_base_done(struct api_base *base)
{
    buf_done(&base->url);
    egress_free(base->egress);
    base->egress = NULL;
}
