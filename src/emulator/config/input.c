/* SPDX-License-Identifier: MIT */

#include "emulator/config/input.h"

#include "base/err.h"
#include "base/form.h"
#include "emulator/config/answer.h"
#include "emulator/frame/exchange.h"
#include "json/json.h"
#include "json/relaxed.h"

enum { KEY_BYTES = 64, QUERY_BYTES = 1 << 18, MAX_QUERY_VALUES = 100 };

/* --- bodies ------------------------------------------------------------------------- */

struct json *config_peek_body(const struct exchange *exchange)
{
    cleanup(buf_done) struct buf strict = {0};
    struct err err = {0};
    struct json *json = NULL;

    if (bytes_trim(exchange->body).len == 0)
        return json_object();
    buf_init(&strict, CONFIG_BODY_BYTES);
    if (!relaxed_print(exchange->body, &strict) ||
        json_parse(buf_bytes(&strict), &json, &err) < 0)
        return NULL;
    if (json_kind(json) == JSON_OBJECT)
        return json;
    json_free(json);
    return NULL;
}

struct json *config_read_body(struct exchange *exchange)
{
    struct json *json = config_peek_body(exchange);

    if (json == NULL)
        config_refuse(exchange, CONFIG_INVALID,
                      "invalid request body: it is no JSON object of at most %d bytes",
                      CONFIG_BODY_BYTES);
    return json;
}

const struct json *config_resource(const struct json *body, const char *key)
{
    const struct json *resource = config_get(body, key);

    return resource != NULL ? resource : body;
}

/* connection_mode is connectionMode to who speaks Go's JSON. */
static void to_camel_case(const char *key, char ret_key[KEY_BYTES])
{
    size_t len = 0;

    for (; *key != '\0' && len + 1 < KEY_BYTES; key++) {
        if (key[0] == '_' && key[1] >= 'a' && key[1] <= 'z')
            ret_key[len++] = (char)(*++key - 'a' + 'A');
        else
            ret_key[len++] = *key;
    }
    ret_key[len] = '\0';
}

const struct json *config_get(const struct json *resource, const char *key)
{
    const struct json *value = json_get(resource, key);
    char camel[KEY_BYTES];

    if (value == NULL) {
        to_camel_case(key, camel);
        value = json_get(resource, camel);
    }
    return json_kind(value) == JSON_NULL ? NULL : value;
}

bool config_read_bool(struct exchange *exchange, const struct json *resource,
                      const char *key, bool *ret_value)
{
    const struct json *value = config_get(resource, key);

    if (value == NULL)
        return true;
    if (json_kind(value) == JSON_BOOL) {
        *ret_value = json_bool(value);
        return true;
    }
    if (bytes_eq(json_string(value), BYTES("true")) ||
        bytes_eq(json_string(value), BYTES("false"))) {
        *ret_value = bytes_eq(json_string(value), BYTES("true"));
        return true;
    }
    config_refuse(exchange, CONFIG_INVALID, "%s must be true or false", key);
    return false;
}

bool config_read_text(struct exchange *exchange, const struct json *resource,
                      const char *key, struct bytes *ret_text)
{
    const struct json *value = config_get(resource, key);

    if (value == NULL)
        return true;
    if (json_kind(value) != JSON_STRING || json_string(value).len > CONFIG_TEXT_BYTES) {
        config_refuse(exchange, CONFIG_INVALID, "%s must be a text of at most %d bytes",
                      key, CONFIG_TEXT_BYTES);
        return false;
    }
    *ret_text = json_string(value);
    return true;
}

bool config_read_mask(struct exchange *exchange, const struct json *body,
                      const char *resource, const char *const *fields,
                      struct mask *ret_mask)
{
    switch (mask_read(body, resource, fields, ret_mask)) {
    case MASK_GOOD:
        return true;
    case MASK_UNKNOWN:
        config_refuse(exchange, CONFIG_INVALID, "update_mask: unknown path %s",
                      ret_mask->wrong);
        return false;
    case MASK_MALFORMED:
        break;
    }
    config_refuse(exchange, CONFIG_INVALID, "update_mask must be {\"paths\": […]}");
    return false;
}

/* --- names -------------------------------------------------------------------------- */

struct bytes config_name(const struct exchange *exchange, size_t n_pairs)
{
    const struct bytes prefix = BYTES("/v1beta/");
    const struct bytes path =
        bytes_slice(exchange->route_path, prefix.len, exchange->route_path.len);
    size_t n_segments = 1;
    size_t len = 0;

    while (len < path.len && path.ptr[len] != ':' &&
           (path.ptr[len] != '/' || n_segments < 2 * n_pairs)) {
        n_segments += path.ptr[len] == '/';
        len++;
    }
    return bytes_slice(path, 0, len);
}

bool config_has_parent(struct exchange *exchange, size_t n_pairs)
{
    struct world *world = exchange->world;
    const struct bytes name = config_name(exchange, n_pairs);
    bool is_there;

    if (n_pairs == 1)
        is_there = config_exists(
            world, "SELECT 1 FROM workspace WHERE 'workspaces/' || slug = ?1", name);
    else if (n_pairs == 2)
        is_there = config_exists(world, "SELECT 1 FROM source WHERE name = ?1", name);
    else
        is_there =
            config_exists(world, "SELECT 1 FROM destination WHERE name = ?1", name);
    if (!is_there)
        config_refuse(exchange, CONFIG_NOT_FOUND, "%.*s not found", BYTES_FMT(name));
    return is_there;
}

void config_each_query(struct exchange *exchange, const char *name,
                       void (*fn)(void *arg, struct bytes value), void *arg)
{
    cleanup(buf_done) struct buf scratch = {0};
    struct bytes rest = exchange->query;
    struct bytes key, list;
    size_t n_values = 0;

    buf_init(&scratch, QUERY_BYTES);
    while (form_next(&rest, &scratch, &key, &list)) {
        if (!bytes_eq(key, bytes_str(name)))
            continue;
        list = bytes_of(arena_copy(&exchange->arena, list), list.len);
        while (list.len > 0 && n_values++ < MAX_QUERY_VALUES)
            fn(arg, bytes_trim(bytes_take_until(&list, ',')));
    }
}
