/* SPDX-License-Identifier: MIT */

#include "cli/access.h"

#include "base/err.h"
#include "base/secret.h"
#include "cli/access_store.h"
#include "cli/api.h"
#include "cli/call.h"
#include "json/json.h"
#include "json/write.h"

enum { TEXT_MAX = 16 << 20, BODY_MAX = 1 << 17 };

static const char *path_of(enum access_kind kind)
{
    return kind == ACCESS_KEYS ? "/api/v1/keys" : "/api/v1/tokens";
}

/* 0: *ret_store is open, and nobody else has it. ACCESS_STORE_LOCKED: ask the service.
 * The lock decides, not DATA/admin.url: that may be left from a process that was killed.
 */
static int open_store(const struct call *call, struct access_store **ret_store,
                      struct err *err)
{
    struct api api;
    int answer;

    if (call_text(call, "server") != NULL)
        return ACCESS_STORE_LOCKED;
    if (api_open(&api, call, err) < 0)
        return -1;
    answer = access_store_open(call, ret_store, err);
    /* Another user's store, perhaps; who announced itself can still be asked. */
    return answer < 0 && api.is_announced ? (int)ACCESS_STORE_LOCKED : answer;
}

static void make_body(enum access_kind kind, const struct access_new *wanted,
                      struct buf *body)
{
    struct write write;
    struct bytes left = wanted->subscriptions;

    write_init(&write, body);
    write_object(&write);
    write_member_text(&write, "name", wanted->name);
    if (kind == ACCESS_TOKENS)
        write_member_text(&write, "role", wanted->role);
    if (kind == ACCESS_KEYS && left.len > 0) {
        write_key(&write, "subscriptions");
        write_array(&write);
        while (left.len > 0)
            write_string(&write, bytes_take_until(&left, ','));
        write_array_end(&write);
    }
    if (kind == ACCESS_KEYS && wanted->value.len > 0)
        write_member_string(&write, "value", wanted->value);
    write_object_end(&write);
}

static int ask(const struct call *call, const char *method, const char *path,
               struct bytes body, struct buf *ret_json, struct err *err)
{
    struct api api;

    if (api_open(&api, call, err) < 0)
        return -1;
    return api_call_text(&api, method, path, body, ret_json, err);
}

int access_create(const struct call *call, enum access_kind kind,
                  const struct access_new *wanted, struct buf *ret_json, struct err *err)
{
    struct access_store *store = NULL;
    struct buf body;
    int answer = open_store(call, &store, err);

    if (answer == 0)
        answer = kind == ACCESS_KEYS
                     ? access_store_add_key(store, wanted, ret_json, err)
                     : access_store_add_token(store, wanted, ret_json, err);
    access_store_close(store);
    if (answer != ACCESS_STORE_LOCKED)
        return answer;
    buf_init(&body, BODY_MAX);
    make_body(kind, wanted, &body);
    answer = ask(call, "POST", path_of(kind), buf_bytes(&body), ret_json, err);
    secret_wipe(body.ptr, body.len);
    buf_done(&body);
    return answer;
}

int access_list(const struct call *call, enum access_kind kind, struct buf *ret_json,
                struct err *err)
{
    struct access_store *store = NULL;
    int answer = open_store(call, &store, err);

    if (answer == 0)
        answer = kind == ACCESS_KEYS ? access_store_list_keys(store, ret_json, err)
                                     : access_store_list_tokens(store, ret_json, err);
    access_store_close(store);
    if (answer != ACCESS_STORE_LOCKED)
        return answer;
    return ask(call, "GET", path_of(kind), BYTES(""), ret_json, err);
}

/* The one id on the list that begins with @prefix. */
static int find_id(struct bytes list, const char *prefix, struct buf *ret_id,
                   struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;
    const struct json *rows;
    size_t n_found = 0;

    if (json_parse(list, &json, err) < 0)
        return -1;
    rows = json_get(json, "data");
    for (size_t i = 0; i < json_count(rows); i++) {
        struct bytes id = json_string(json_get(json_at(rows, i), "id"));

        if (!bytes_starts(id, bytes_str(prefix)))
            continue;
        n_found++;
        buf_clear(ret_id);
        buf_add(ret_id, id);
    }
    if (n_found == 0)
        return err_code(err, "PA7005", ERR_NOT_FOUND, "no id begins with `%s`", prefix);
    if (n_found > 1)
        return err_code(err, "PA7004", ERR_USAGE, "`%s` is the beginning of %zu ids",
                        prefix, n_found);
    return 0;
}

static int revoke(const struct call *call, enum access_kind kind, const char *id,
                  struct err *err)
{
    cleanup(buf_done) struct buf ignored = {0};
    struct access_store *store = NULL;
    char path[128];
    int answer = open_store(call, &store, err);

    buf_init(&ignored, BODY_MAX);
    if (answer == 0)
        answer = access_store_revoke(store, kind == ACCESS_KEYS, id, err);
    access_store_close(store);
    if (answer != ACCESS_STORE_LOCKED)
        return answer;
    snprintf(path, sizeof(path), "%s/%s", path_of(kind), id);
    return ask(call, "DELETE", path, BYTES(""), &ignored, err);
}

int access_revoke(const struct call *call, enum access_kind kind, const char *id,
                  struct buf *ret_id, struct err *err)
{
    cleanup(buf_done) struct buf list = {0};
    int answer;

    buf_init(&list, TEXT_MAX);
    answer = access_list(call, kind, &list, err);
    if (answer == 0)
        answer = find_id(buf_bytes(&list), id, ret_id, err);
    if (answer == 0)
        answer = revoke(call, kind, buf_text(ret_id), err);
    return answer;
}
