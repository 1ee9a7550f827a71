/* SPDX-License-Identifier: MIT */

/* GET /api/v1/config: each value that is in force, where it comes from and how it is
 * changed. As `config show`, but for settings, which may hold a customer's secrets: here
 * only their names are shown. */

#include <stdio.h>

#include "base/err.h"
#include "service/site.h"
#include "service/snapshot.h"
#include "json/json.h"
#include "json/write.h"

enum { ANSWER_BYTES = 4 << 20, NAME_BYTES = 128 };

#define MASK "••••"

/* "subscriptions[12].path" is a value of the key "subscriptions[].path". */
static const struct config_key *find_key(struct bytes name)
{
    const struct config_key *keys;
    size_t n_keys;
    char general[NAME_BYTES];
    size_t open = bytes_index(name, '[');
    size_t close = bytes_index(name, ']');

    snprintf(general, sizeof(general), "%.*s%s%.*s", (int)open, name.ptr,
             open < name.len ? "[" : "",
             (int)(name.len - (close < name.len ? close : name.len)),
             name.ptr + (close < name.len ? close : name.len));
    keys = config_keys(&n_keys);
    for (size_t i = 0; i < n_keys; i++) {
        if (strcmp(keys[i].name, general) == 0)
            return &keys[i];
    }
    return NULL;
}

struct origin {
    struct bytes kind, place; /* place empty: there is none */
};

/* "environment PORT", "partnerapp.yaml:4", "flag", "default". */
static struct origin origin_of(struct bytes text)
{
    struct bytes rest = text;
    struct bytes first = bytes_take_until(&rest, ' ');

    if (bytes_eq(first, BYTES("environment")))
        return (struct origin){first, rest};
    if (bytes_starts(text, BYTES(".env:")))
        return (struct origin){BYTES(".env"), text};
    if (bytes_index(text, ':') < text.len)
        return (struct origin){BYTES("file"), text};
    return (struct origin){text, BYTES("")};
}

static void write_how(struct write *json, const struct config_key *key, struct bytes name,
                      const struct origin *origin)
{
    cleanup(buf_done) struct buf text = {0};
    bool can_reload = key->is_reloadable && !bytes_eq(origin->kind, BYTES("flag")) &&
                      !bytes_eq(origin->kind, BYTES("environment"));

    buf_init(&text, 512);
    if (bytes_eq(origin->kind, BYTES("default")))
        buf_addf(&text, "set %.*s in partnerapp.yaml", BYTES_FMT(name));
    else if (bytes_eq(origin->kind, BYTES("flag")))
        buf_add_text(&text, "change the flag");
    else
        buf_addf(&text, "change %.*s", BYTES_FMT(origin->place));
    buf_add_text(&text, can_reload ? ", then reload" : ", then restart");
    write_member_string(json, "how", buf_bytes(&text));
}

/* {"apiKey": "••••"} */
static void write_masked(struct write *json, const struct json *settings)
{
    const struct json *value;
    const char *name;
    void *cursor = NULL;

    write_object(json);
    while (json_next(settings, &cursor, &name, &value)) {
        write_key_string(json, bytes_str(name));
        write_text(json, MASK);
    }
    write_object_end(json);
}

static bool has_password(struct bytes text)
{
    return bytes_find(text, BYTES("://")) < text.len && bytes_index(text, '@') < text.len;
}

/* Keys stand in the query of some addresses. */
static bool has_query(struct bytes text)
{
    return bytes_find(text, BYTES("://")) < text.len && bytes_index(text, '?') < text.len;
}

static void write_without_query(struct write *json, struct bytes url)
{
    cleanup(buf_done) struct buf text = {0};

    buf_init(&text, ANSWER_BYTES);
    buf_add(&text, bytes_slice(url, 0, bytes_index(url, '?') + 1));
    buf_add_text(&text, MASK);
    write_string(json, buf_bytes(&text));
}

static void write_value(struct write *json, const struct json *value)
{
    cleanup(buf_done) struct buf text = {0};

    write_key(json, "value");
    if (json_kind(value) == JSON_OBJECT) {
        write_masked(json, value);
    } else if (has_password(json_string(value))) {
        write_text(json, MASK);
    } else if (has_query(json_string(value))) {
        write_without_query(json, json_string(value));
    } else {
        buf_init(&text, ANSWER_BYTES);
        json_print(value, /* indented= */ false, &text);
        write_raw(json, buf_bytes(&text));
    }
}

static void write_row(struct write *json, const struct json *row)
{
    struct bytes name = json_string(json_get(row, "key"));
    const struct origin origin = origin_of(json_string(json_get(row, "origin")));
    const struct config_key *key = find_key(name);

    if (key == NULL)
        return;
    write_object(json);
    write_member_string(json, "key", name);
    write_value(json, json_get(row, "value"));
    write_member_string(json, "origin", origin.kind);
    if (origin.place.len > 0)
        write_member_string(json, "place", origin.place);
    else
        write_member_text(json, "place", NULL);
    write_how(json, key, name, &origin);
    write_member_text(json, "help", key->help);
    write_member_text(json, "kind", key->kind);
    write_member_bool(json, "is_secret", key->is_secret);
    write_object_end(json);
}

bool site_write_config(struct site *site, struct write *json, size_t *ret_n)
{
    const struct snapshot *snapshot = atomic_load(&site->snapshot);
    cleanup(json_freep) struct json *rows = NULL;
    struct err err = {0};

    if (snapshot->config->shown_json == NULL ||
        json_parse(bytes_str(snapshot->config->shown_json), &rows, &err) < 0)
        return false;
    write_array(json);
    for (size_t i = 0; i < json_count(rows); i++)
        write_row(json, json_at(rows, i));
    write_array_end(json);
    *ret_n = json_count(rows);
    return true;
}

void api_config_get(const struct site_call *call)
{
    cleanup(buf_done) struct buf body = {0};
    struct write json;
    size_t n;

    buf_init(&body, ANSWER_BYTES);
    write_init(&json, &body);
    write_object(&json);
    write_key(&json, "data");
    if (!site_write_config(call->site, &json, &n)) {
        site_problem(call->request, 404, "PA7005", "the configuration is not known here");
        return;
    }
    write_member_text(&json, "next", NULL);
    write_member_i64(&json, "total", (int64_t)n);
    write_object_end(&json);
    site_json(call->request, 200, &body);
}
