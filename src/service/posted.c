/* SPDX-License-Identifier: MIT */

#include "service/posted.h"

#include "base/mem.h"
#include "base/secret.h"
#include "core/request.h"
#include "net/server.h"

enum { PAYLOAD_BYTES = 8 << 20, SEALED_BYTES = 48 << 10, BASE_BYTES = 1024 };

static void add_query(void *arg, struct bytes name, struct bytes value)
{
    struct request *posted = arg;

    if (posted->n_queries < REQUEST_FIELDS)
        posted->queries[posted->n_queries] = (struct request_field){name, value};
    posted->n_queries++;
}

static void add_headers(const struct server_request *request, struct request *posted)
{
    struct request_field field;
    size_t cursor = 0;

    while (server_next_header(request, &cursor, &field.name, &field.value)) {
        if (posted->n_headers < REQUEST_FIELDS)
            posted->headers[posted->n_headers] = field;
        posted->n_headers++;
    }
}

static void add_base(const struct server_request *request, const char *public_url,
                     struct buf *base)
{
    struct bytes given = bytes_str(public_url);

    if (given.len == 0) {
        buf_add_text(base, "http://");
        buf_add(base, server_header(request, "Host"));
        return;
    }
    while (bytes_ends(given, BYTES("/")))
        given.len--;
    buf_add(base, given);
}

struct parcel *posted_parcel(const struct server_request *request, const char *public_url)
{
    struct request *posted = mem_new(struct request);
    cleanup(buf_done) struct buf base = {0};
    cleanup(buf_done) struct buf payload = {0};
    cleanup(buf_done) struct buf sealed = {0};
    const struct event event = {.kind = EVENT_REQUEST};
    struct parcel *parcel = NULL;

    buf_init(&base, BASE_BYTES);
    buf_init(&payload, PAYLOAD_BYTES);
    buf_init(&sealed, SEALED_BYTES);
    add_base(request, public_url, &base);
    add_headers(request, posted);
    server_each_query(request, add_query, posted);
    posted->method = server_method(request);
    posted->path = server_path(request);
    posted->body = server_body(request);
    posted->base = buf_bytes(&base);
    if (posted->n_headers <= REQUEST_FIELDS && posted->n_queries <= REQUEST_FIELDS &&
        request_write(posted, &payload, &sealed) == 0)
        parcel = parcel_new(buf_bytes(&payload), buf_bytes(&sealed), &event);
    secret_wipe(sealed.ptr, sealed.len);
    free(posted);
    return parcel;
}
