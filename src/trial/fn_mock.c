/* SPDX-License-Identifier: MIT */

#include "trial/fn_mock.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "trial/fn_folder.h"
#include "json/json.h"

enum { BODY_BYTES = 4 << 20, STATUS_LOWEST = 100, STATUS_HIGHEST = 599 };

void fn_mocks_done(struct fn_mocks *mocks)
{
    for (size_t i = 0; i < mocks->n_documents; i++)
        json_free(mocks->documents[i]);
    free(mocks->documents);
    free(mocks->list);
    arena_done(&mocks->arena);
    *mocks = (struct fn_mocks){0};
}

static int check(const struct json *mock, const char *where, struct err *err)
{
    const struct json *response = json_get(mock, "response");
    int64_t status = json_i64(json_get(response, "status"));

    if (json_kind(response) != JSON_OBJECT)
        return err_code(err, "PA2042", ERR_FAILED,
                        "%s: a mock is {\"request\": {…}, \"response\": {…}}", where);
    if (json_kind(json_get(response, "status")) != JSON_MISSING &&
        (status < STATUS_LOWEST || status > STATUS_HIGHEST))
        return err_code(err, "PA2042", ERR_FAILED,
                        "%s: a response's status is a number from %d to %d", where,
                        STATUS_LOWEST, STATUS_HIGHEST);
    return 0;
}

static int add_one(struct fn_mocks *mocks, const struct json *mock, const char *where,
                   struct err *err)
{
    if (check(mock, where, err) < 0)
        return -1;
    mocks->list = mem_grow(mocks->list, mocks->n + 1, sizeof(*mocks->list));
    mocks->list[mocks->n++] = mock;
    return 0;
}

int fn_mocks_add(struct fn_mocks *mocks, const struct json *mock, const char *where,
                 struct err *err)
{
    if (json_kind(mock) != JSON_ARRAY)
        return add_one(mocks, mock, where, err);
    for (size_t i = 0; i < json_count(mock); i++) {
        if (add_one(mocks, json_at(mock, i), where, err) < 0)
            return -1;
    }
    return 0;
}

static int read_file(struct fn_mocks *mocks, const char *path, struct err *err)
{
    struct json *document = NULL;

    if (fn_folder_read(path, &document, err) < 0)
        return -1;
    mocks->documents =
        mem_grow(mocks->documents, mocks->n_documents + 1, sizeof(struct json *));
    mocks->documents[mocks->n_documents++] = document;
    return fn_mocks_add(mocks, document, path, err);
}

int fn_mocks_read(struct fn_mocks *mocks, const char *folder, struct err *err)
{
    const char **paths;

    if (fn_folder_list(folder, &mocks->arena, &paths, err) < 0)
        return -1;
    for (; *paths != NULL; paths++) {
        if (read_file(mocks, *paths, err) < 0)
            return -1;
    }
    return 0;
}

static bool fits(const struct json *mock, const struct client_request *request)
{
    const struct json *wanted = json_get(mock, "request");
    struct bytes method = json_string(json_get(wanted, "method"));
    struct bytes url = json_string(json_get(wanted, "url"));

    if (method.len > 0 && !bytes_eq_nocase(method, request->method))
        return false;
    if (bytes_ends(url, BYTES("*")))
        return bytes_starts(request->url, bytes_slice(url, 0, url.len - 1));
    return url.len == 0 || bytes_eq(url, request->url);
}

static struct bytes keep(struct arena *arena, struct bytes text)
{
    return bytes_of(arena_copy(arena, text), text.len);
}

/* A text as it is, anything else as JSON. */
static struct bytes text_of(const struct json *value, struct arena *arena)
{
    cleanup(buf_done) struct buf text = {0};

    if (json_kind(value) == JSON_STRING || json_kind(value) == JSON_MISSING)
        return keep(arena, json_string(value));
    buf_init(&text, BODY_BYTES);
    json_print(value, /* indented= */ false, &text);
    return keep(arena, buf_bytes(&text));
}

static bool has_type(const struct client_header *headers, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes_eq_nocase(headers[i].name, BYTES("content-type")))
            return true;
    }
    return false;
}

static void set_headers(const struct json *response, struct arena *arena,
                        struct client_response *ret)
{
    const struct json *given = json_get(response, "headers");
    size_t most = json_count(given) + 1;
    struct client_header *headers = arena_zero(arena, most * sizeof(*headers));
    const struct json *value;
    const char *name;
    void *cursor = NULL;
    size_t n = 0;

    while (json_next(given, &cursor, &name, &value))
        headers[n++] =
            (struct client_header){keep(arena, bytes_str(name)), text_of(value, arena)};
    if (!has_type(headers, n) && json_kind(json_get(response, "body")) != JSON_STRING)
        headers[n++] =
            (struct client_header){BYTES("content-type"), BYTES("application/json")};
    ret->headers = headers;
    ret->n_headers = n;
}

static void answer(const struct json *response, struct arena *arena,
                   struct client_response *ret)
{
    struct bytes error = json_string(json_get(response, "error"));
    const struct json *status = json_get(response, "status");

    if (error.len > 0) {
        *ret = (struct client_response){.transport = TRANSPORT_REFUSED};
        snprintf(ret->error, sizeof(ret->error), "%.*s", BYTES_FMT(error));
        return;
    }
    *ret = (struct client_response){
        .transport = TRANSPORT_OK,
        .status = json_kind(status) == JSON_MISSING ? 200 : (int)json_i64(status),
        .body = text_of(json_get(response, "body"), arena),
    };
    set_headers(response, arena, ret);
}

bool fn_mocks_answer(const struct fn_mocks *mocks, const struct client_request *request,
                     struct arena *arena, struct client_response *ret_response)
{
    for (size_t i = 0; mocks != NULL && i < mocks->n; i++) {
        if (!fits(mocks->list[i], request))
            continue;
        answer(json_get(mocks->list[i], "response"), arena, ret_response);
        return true;
    }
    return false;
}
