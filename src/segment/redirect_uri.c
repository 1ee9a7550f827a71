/* SPDX-License-Identifier: MIT */

#include "segment/redirect_uri.h"

/* Visible, so that it stays in its header line, and no fragment (RFC 6749 §3.1.2). */
static bool has_good_characters(struct bytes uri)
{
    for (size_t i = 0; i < uri.len; i++) {
        if (uri.ptr[i] <= ' ' || uri.ptr[i] >= 0x7f || strchr("#\"<>\\^`{|}", uri.ptr[i]))
            return false;
    }
    return true;
}

static bool is_scheme(struct bytes scheme)
{
    for (size_t i = 0; i < scheme.len; i++) {
        const char lower = (char)(scheme.ptr[i] | 0x20);

        if (!(lower >= 'a' && lower <= 'z') &&
            (i == 0 || strchr("0123456789+-.", scheme.ptr[i]) == NULL))
            return false;
    }
    return scheme.len > 0;
}

/* "localhost:8888" of "user@localhost:8888/path?x", without user and port. */
static struct bytes find_host(struct bytes rest)
{
    struct bytes host = rest;
    size_t len = 0;
    size_t at;

    while (len < host.len && strchr("/?", host.ptr[len]) == NULL)
        len++;
    host = bytes_slice(host, 0, len);
    while ((at = bytes_index(host, '@')) < host.len)
        host = bytes_slice(host, at + 1, host.len);
    if (bytes_starts(host, BYTES("[")))
        return bytes_slice(host, 0, bytes_index(host, ']') + 1);
    return bytes_slice(host, 0, bytes_index(host, ':'));
}

static bool ends_nocase(struct bytes text, struct bytes end)
{
    return text.len >= end.len &&
           bytes_eq_nocase(bytes_slice(text, text.len - end.len, end.len), end);
}

bool redirect_uri_is_allowed(struct bytes uri)
{
    const size_t at = bytes_find(uri, BYTES("://"));
    const struct bytes scheme = bytes_slice(uri, 0, at);
    const struct bytes host = find_host(bytes_slice(uri, at + 3, uri.len));

    if (uri.len > REDIRECT_URI_BYTES || at == uri.len || !has_good_characters(uri) ||
        !is_scheme(scheme) || host.len == 0)
        return false;
    return !bytes_eq_nocase(scheme, BYTES("http")) ||
           ends_nocase(host, BYTES("localhost")) || ends_nocase(host, BYTES("127.0.0.1"));
}

int redirect_uri_extend(struct bytes uri, struct bytes query, struct buf *ret_uri)
{
    const bool has_query = bytes_index(uri, '?') < uri.len;
    const bool is_open = bytes_ends(uri, BYTES("?")) || bytes_ends(uri, BYTES("&"));

    (void)buf_add(ret_uri, uri);
    if (query.len > 0 && !is_open)
        (void)buf_add_char(ret_uri, has_query ? '&' : '?');
    (void)buf_add(ret_uri, query);
    return ret_uri->full ? BUF_FULL : 0;
}
