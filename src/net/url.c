/* SPDX-License-Identifier: MIT */

#include "net/url.h"

#include <assert.h>
#include <curl/curl.h>

#include "base/mem.h"
#include "net/client.h"

struct url {
    CURLU *curl;
    unsigned n_owners;
    bool is_https;
    struct buf host;
};

static bool part_is(const struct url *url, CURLUPart part, const char *wanted)
{
    char *text = NULL;
    bool is_equal =
        curl_url_get(url->curl, part, &text, CURLU_DEFAULT_PORT) == CURLUE_OK &&
        bytes_eq_nocase(bytes_str(text), bytes_str(wanted));

    curl_free(text);
    return is_equal;
}

static bool part_is_same(const struct url *a, const struct url *b, CURLUPart part)
{
    char *text = NULL;
    bool is_equal = curl_url_get(a->curl, part, &text, CURLU_DEFAULT_PORT) == CURLUE_OK &&
                    part_is(b, part, text);

    curl_free(text);
    return is_equal;
}

static bool is_web(const struct url *url)
{
    return part_is(url, CURLUPART_SCHEME, "http") ||
           part_is(url, CURLUPART_SCHEME, "https");
}

/* How the letters of other scripts become a name depends on the locale, and failing at it
 * libcurl forgets to free its memory. A percent sign that is left after decoding would be
 * decoded again by the next who reads the host. */
static bool is_plain(const char *host)
{
    for (const char *at = host; *at != '\0'; at++) {
        if ((unsigned char)*at >= 0x80 || *at == '%')
            return false;
    }
    return true;
}

/* libcurl looks for odd spellings of IPv4 addresses before it decodes: "%36" becomes the
 * name "6", which the resolver, and who reads it once more, takes for 0.0.0.6. */
static bool is_settled(const char *host)
{
    CURLU *curl = curl_url();
    char *again = NULL;
    struct buf text;

    assert(curl != NULL);
    buf_init(&text, URL_MAX_BYTES * 2);
    bool is_same = buf_addf(&text, "http://%s/", host) == 0 &&
                   curl_url_set(curl, CURLUPART_URL, buf_text(&text), 0) == CURLUE_OK &&
                   curl_url_get(curl, CURLUPART_HOST, &again, 0) == CURLUE_OK &&
                   bytes_eq(bytes_str(again), bytes_str(host));
    curl_free(again);
    curl_url_cleanup(curl);
    buf_done(&text);
    return is_same;
}

/* NULL: nothing, it can be used. */
static const char *fault_of_host(const struct url *url)
{
    char *host = NULL;
    const char *why = NULL;

    if (curl_url_get(url->curl, CURLUPART_HOST, &host, 0) != CURLUE_OK || !is_plain(host))
        why = "write its host in plain ASCII: xn--bcher-kva.example";
    else if (!is_settled(host))
        why = "write its host without percent signs";
    curl_free(host);
    return why;
}

static struct url *url_new(CURLU *curl)
{
    struct url *url = mem_new(struct url);

    assert(curl != NULL);
    url->curl = curl;
    url->n_owners = 1;
    buf_init(&url->host, URL_MAX_BYTES);
    return url;
}

struct url *url_share(struct url *url)
{
    url->n_owners++;
    return url;
}

void url_free(struct url *url)
{
    if (url == NULL || --url->n_owners > 0)
        return;
    curl_url_cleanup(url->curl);
    buf_done(&url->host);
    free(url);
}

static void read_host(struct url *url)
{
    char *text = NULL;

    if (curl_url_get(url->curl, CURLUPART_HOST, &text, 0) != CURLUE_OK)
        return;
    struct bytes host = bytes_str(text);
    if (bytes_starts(host, BYTES("[")))
        host = bytes_slice(host, 1, host.len - 2);
    for (size_t i = 0; i < host.len; i++) {
        char c = host.ptr[i];

        if (c >= 'A' && c <= 'Z')
            c = (char)(c | 0x20);
        (void)buf_add_char(&url->host, c);
    }
    curl_free(text);
}

/* What is asked of it for every request. */
static struct url *read_parts(struct url *url)
{
    read_host(url);
    url->is_https = part_is(url, CURLUPART_SCHEME, "https");
    return url;
}

struct url *url_parse(struct bytes text, const char **ret_why)
{
    *ret_why = "it is empty, too long or has a NUL inside";
    if (text.len == 0 || text.len > URL_MAX_BYTES || bytes_index(text, '\0') < text.len)
        return NULL;

    cleanup(freep) char *copy = bytes_copy(text);
    struct url *url = url_new(curl_url());
    CURLUcode code = curl_url_set(url->curl, CURLUPART_URL, copy, CURLU_DISALLOW_USER);

    *ret_why = code != CURLUE_OK ? curl_url_strerror(code)
               : !is_web(url)    ? "only http and https are spoken"
                                 : fault_of_host(url);
    if (*ret_why == NULL)
        return read_parts(url);
    url_free(url);
    return NULL;
}

struct bytes url_host(const struct url *url)
{
    return buf_bytes(&url->host);
}

bool url_add_host(const struct url *url, struct buf *ret_host)
{
    return url->host.len > 0 && buf_add(ret_host, buf_bytes(&url->host)) == 0;
}

struct url *url_redirect(const struct url *url, struct bytes location)
{
    cleanup(freep) char *text = bytes_copy(location);
    struct url *target = url_new(curl_url_dup(url->curl));
    CURLUcode code = curl_url_set(target->curl, CURLUPART_URL, text, CURLU_DISALLOW_USER);

    if (code == CURLUE_OK && fault_of_host(target) == NULL &&
        (part_is(target, CURLUPART_SCHEME, "https") ||
         (part_is(target, CURLUPART_SCHEME, "http") &&
          part_is(url, CURLUPART_SCHEME, "http"))))
        return read_parts(target);
    url_free(target);
    return NULL;
}

bool url_is_same_origin(const struct url *a, const struct url *b)
{
    return part_is_same(a, b, CURLUPART_SCHEME) && part_is_same(a, b, CURLUPART_HOST) &&
           part_is_same(a, b, CURLUPART_PORT);
}

bool url_is_https(const struct url *url)
{
    return url->is_https;
}

void *url_handle(struct url *url)
{
    return url->curl;
}

/* ":8081", or nothing for the scheme's own port. */
static bool add_port(const struct url *url, struct buf *ret_endpoint)
{
    char *text = NULL;
    bool is_good = true;

    if (curl_url_get(url->curl, CURLUPART_PORT, &text, CURLU_NO_DEFAULT_PORT) ==
        CURLUE_OK)
        is_good = buf_addf(ret_endpoint, ":%s", text) == 0;
    curl_free(text);
    return is_good;
}

bool client_url_endpoint(struct bytes text, struct buf *ret_endpoint)
{
    const char *why;
    struct url *url = url_parse(text, &why);
    bool is_good =
        url != NULL && url_add_host(url, ret_endpoint) && add_port(url, ret_endpoint);

    url_free(url);
    return is_good;
}
