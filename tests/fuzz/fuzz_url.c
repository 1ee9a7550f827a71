/* SPDX-License-Identifier: MIT */

/* A URL, and after a line break where its answer redirects to. What is one names a host
 * that reads back as itself, and a redirect leads from https to https alone. The host as
 * an entry of the allow list is taken or refused in words. */

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/buf.h"
#include "base/err.h"
#include "fuzz/fuzz.h"
#include "net/egress.h"
#include "net/url.h"

static void check_host(const struct url *url, struct buf *host)
{
    const char *why = NULL;
    struct buf text, again;
    struct url *twice;

    CLAIM(url_add_host(url, host));
    CLAIM(host->len > 0);
    buf_init(&text, URL_MAX_BYTES * 2);
    buf_init(&again, URL_MAX_BYTES);
    const bool is_v6 = bytes_index(buf_bytes(host), ':') < host->len;
    buf_addf(&text, is_v6 ? "http://[%.*s]/" : "http://%.*s/",
             BYTES_FMT(buf_bytes(host)));
    twice = url_parse(buf_bytes(&text), &why);
    CLAIM(twice != NULL);
    CLAIM(url_add_host(twice, &again));
    CLAIM(bytes_eq(buf_bytes(&again), buf_bytes(host)));
    url_free(twice);
    buf_done(&text);
    buf_done(&again);
}

static void check_policy(struct bytes host)
{
    const struct sockaddr_in inner = {.sin_family = AF_INET,
                                      .sin_addr.s_addr = htonl(0x0a000001),
                                      .sin_port = htons(80)};
    char name[256];
    const char *allow[] = {name};
    struct egress *policy = NULL;
    struct err err = {0};

    CLAIM(egress_check(NULL, host, (const struct sockaddr *)&inner) == EGRESS_REFUSED);
    if (host.len == 0 || host.len >= sizeof(name) ||
        memchr(host.ptr, 0, host.len) != NULL)
        return;
    memcpy(name, host.ptr, host.len);
    name[host.len] = '\0';
    if (egress_new(allow, 1, false, &policy, &err) < 0)
        CLAIM(err.text[0] != '\0');
    else
        (void)egress_check(policy, host, (const struct sockaddr *)&inner);
    egress_free(policy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes location = bytes_of(data, size);
    struct bytes text = bytes_take_until(&location, '\n');
    const char *why = NULL;
    struct url *url = url_parse(text, &why);
    struct buf host;

    buf_init(&host, URL_MAX_BYTES);
    if (url == NULL) {
        CLAIM(why != NULL && why[0] != '\0');
    } else {
        struct url *next;

        check_host(url, &host);
        check_policy(buf_bytes(&host));
        CLAIM(url_is_same_origin(url, url));
        next = url_redirect(url, location);
        CLAIM(next == NULL || !url_is_https(url) || url_is_https(next));
        if (next != NULL) {
            buf_clear(&host);
            check_host(next, &host);
        }
        url_free(next);
        url_free(url);
    }
    check_policy(text);
    buf_done(&host);
    return 0;
}
