/* SPDX-License-Identifier: MIT */

#include "trial/fn_fetch.h"

#include "base/err.h"
#include "base/mem.h"
#include "net/egress.h"
#include "trial/fn_mock.h"
#include "json/write.h"

enum { TIMEOUT_MS = 5000, CONNECTIONS = 8 };

struct fn_fetch_request {
    struct fn_fetch *fetch;
    struct client_request request; /* slices in the arena */
    struct client_call *call;      /* NULL: not under way */
    bool is_answered, is_mocked;
    struct client_response response; /* slices in the arena */
    void (*fn)(void *arg, const struct client_response *response);
    void *arg;
};

int fn_fetch_open(struct fn_fetch *fetch, struct loop *loop, bool is_live,
                  const struct egress *egress, struct err *err)
{
    *fetch = (struct fn_fetch){.is_live = is_live};
    arena_init(&fetch->arena);
    if (!is_live)
        return 0;
    fetch->client = client_new(loop, CONNECTIONS);
    fetch->egress = egress;
    if (egress != NULL)
        return 0;
    if (egress_new(NULL, 0, /* allow_loopback= */ true, &fetch->own_egress, err) < 0)
        return -1;
    fetch->egress = fetch->own_egress;
    return 0;
}

void fn_fetch_restart(struct fn_fetch *fetch)
{
    for (size_t i = 0; i < fetch->n_requests; i++) {
        if (fetch->requests[i]->call != NULL)
            client_cancel(fetch->requests[i]->call);
    }
    fetch->n_requests = 0;
}

void fn_fetch_close(struct fn_fetch *fetch)
{
    fn_fetch_restart(fetch);
    if (fetch->client != NULL)
        client_free(fetch->client);
    if (fetch->own_egress != NULL)
        egress_free(fetch->own_egress);
    free(fetch->requests);
    arena_done(&fetch->arena);
}

static struct bytes keep(struct arena *arena, struct bytes text)
{
    return bytes_of(arena_copy(arena, text), text.len);
}

static const struct client_header *
keep_headers(struct arena *arena, const struct client_header *headers, size_t n)
{
    struct client_header *kept = arena_zero(arena, (n + 1) * sizeof(*kept));

    for (size_t i = 0; i < n; i++) {
        kept[i].name = keep(arena, headers[i].name);
        kept[i].value = keep(arena, headers[i].value);
    }
    return kept;
}

static void on_done(void *arg, const struct client_response *response)
{
    struct fn_fetch_request *request = arg;
    struct arena *arena = &request->fetch->arena;

    request->call = NULL;
    request->is_answered = true;
    request->response = *response;
    request->response.headers =
        keep_headers(arena, response->headers, response->n_headers);
    request->response.body = keep(arena, response->body);
    request->fn(request->arg, &request->response);
}

static void answer_here(struct fn_fetch_request *request)
{
    static const struct client_header headers[] = {
        {BYTES("content-type"), BYTES("application/json")},
    };
    struct client_response response = {
        .transport = TRANSPORT_OK,
        .status = 200,
        .headers = headers,
        .n_headers = COUNT(headers),
        .body = BYTES("{}"),
    };
    struct fn_fetch *fetch = request->fetch;

    for (size_t i = 0; i < COUNT(fetch->mocks) && !request->is_mocked; i++)
        request->is_mocked =
            fn_mocks_answer(fetch->mocks[i], &request->request, &fetch->arena, &response);
    on_done(request, &response);
}

void fn_fetch_start(struct fn_fetch *fetch, const struct fn_fetch_wanted *wanted,
                    void (*fn)(void *arg, const struct client_response *response),
                    void *arg)
{
    struct arena *arena = &fetch->arena;
    struct fn_fetch_request *request = arena_new(arena, struct fn_fetch_request);

    *request = (struct fn_fetch_request){.fetch = fetch, .fn = fn, .arg = arg};
    request->request = (struct client_request){
        .method = keep(arena, wanted->method),
        .url = keep(arena, wanted->url),
        .headers = keep_headers(arena, wanted->headers, wanted->n_headers),
        .n_headers = wanted->n_headers,
        .body = keep(arena, wanted->body),
        .has_body = wanted->has_body,
        .keeps_redirects = true, /* fetch() follows them itself */
        .timeout_ms = TIMEOUT_MS,
        .egress = fetch->egress,
    };
    fetch->requests = mem_grow(fetch->requests, fetch->n_requests + 1,
                               sizeof(struct fn_fetch_request *));
    fetch->requests[fetch->n_requests++] = request;
    if (fetch->is_live)
        request->call = client_start(fetch->client, &request->request, on_done, request);
    else
        answer_here(request);
}

static bool came_before(const struct client_header *headers, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (bytes_eq_nocase(headers[i].name, headers[index].name))
            return true;
    }
    return false;
}

/* Of a repeated name the values are joined, as fetch() itself shows them. */
static void write_header(struct write *write, const struct client_header *headers,
                         size_t n)
{
    cleanup(freep) char *name = bytes_copy(headers[0].name);
    cleanup(buf_done) struct buf value = {0};

    buf_init(&value, CLIENT_RESPONSE_BYTES);
    buf_add(&value, headers[0].value);
    for (size_t i = 1; i < n; i++) {
        if (bytes_eq_nocase(headers[i].name, headers[0].name))
            buf_addf(&value, ", %.*s", BYTES_FMT(headers[i].value));
    }
    write_key(write, name);
    write_string(write, buf_bytes(&value));
}

static void write_headers(struct write *write, const struct client_header *headers,
                          size_t n)
{
    write_object(write);
    for (size_t i = 0; i < n; i++) {
        if (!came_before(headers, i))
            write_header(write, headers + i, n - i);
    }
    write_object_end(write);
}

static void write_response(struct write *write, const struct fn_fetch_request *request)
{
    const struct client_response *response = &request->response;

    write_key(write, "response");
    if (!request->is_answered || response->transport != TRANSPORT_OK) {
        write_null(write);
        return;
    }
    write_object(write);
    write_member_i64(write, "status", response->status);
    write_key(write, "headers");
    write_headers(write, response->headers, response->n_headers);
    write_member_string(write, "body", response->body);
    write_object_end(write);
}

void fn_fetch_write(const struct fn_fetch *fetch, struct write *write)
{
    write_array(write);
    for (size_t i = 0; i < fetch->n_requests; i++) {
        const struct fn_fetch_request *request = fetch->requests[i];
        const char *error = request->response.error;

        write_object(write);
        write_member_string(write, "method", request->request.method);
        write_member_string(write, "url", request->request.url);
        write_key(write, "headers");
        write_headers(write, request->request.headers, request->request.n_headers);
        write_key(write, "body");
        if (request->request.has_body)
            write_string(write, request->request.body);
        else
            write_null(write);
        write_response(write, request);
        write_key(write, "duration_ms");
        write_double(write, (double)request->response.duration_us / 1000);
        write_member_text(write, "error", error[0] != '\0' ? error : NULL);
        write_object_end(write);
    }
    write_array_end(write);
}

bool fn_fetch_line(const struct fn_fetch *fetch, size_t index, struct fn_fetch_line *ret)
{
    const struct fn_fetch_request *request;

    if (index >= fetch->n_requests)
        return false;
    request = fetch->requests[index];
    *ret = (struct fn_fetch_line){
        .method = request->request.method,
        .url = request->request.url,
        .status = request->response.status,
        .error = request->response.error,
        .duration_us = request->response.duration_us,
        .is_mocked = request->is_mocked,
    };
    return true;
}
