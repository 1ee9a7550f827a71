/* SPDX-License-Identifier: MIT */

#include "core/segment_setting.h"

#include "base/buf.h"
#include "segment/name.h"
#include "json/json.h"
#include "json/write.h"

#define BULLETS "••••"

enum { VALUE_BYTES = 1 << 20, NAME_BYTES = 1024 };

bool segment_setting_is_masked(const struct json *value)
{
    struct buf text;
    bool is_masked;

    buf_init(&text, VALUE_BYTES);
    (void)json_print(value, /* indented= */ false, &text);
    is_masked = bytes_find(buf_bytes(&text), BYTES("\"" BULLETS)) < text.len;
    buf_done(&text);
    return is_masked;
}

static bool contains_nocase(struct bytes text, struct bytes part)
{
    for (size_t i = 0; i + part.len <= text.len; i++) {
        if (bytes_eq_nocase(bytes_slice(text, i, part.len), part))
            return true;
    }
    return false;
}

bool segment_setting_is_secret(struct bytes name, struct bytes type)
{
    static const char *const words[] = {"key",        "token", "secret",  "password",
                                        "passphrase", "auth",  "private", "credential"};

    if (contains_nocase(type, BYTES("password")))
        return true;
    for (size_t i = 0; i < COUNT(words); i++) {
        if (contains_nocase(name, bytes_str(words[i])))
            return true;
    }
    return false;
}

/* Depth is bounded by what json_parse takes. */
static bool is_same_object(const struct json *a, const struct json *b)
{
    void *cursor = NULL;
    const char *key;
    const struct json *value;

    if (json_count(a) != json_count(b))
        return false;
    while (json_next(a, &cursor, &key, &value)) {
        if (!segment_setting_is_same(value, json_get(b, key)))
            return false;
    }
    return true;
}

static bool is_same_array(const struct json *a, const struct json *b)
{
    if (json_count(a) != json_count(b))
        return false;
    for (size_t i = 0; i < json_count(a); i++) {
        if (!segment_setting_is_same(json_at(a, i), json_at(b, i)))
            return false;
    }
    return true;
}

static bool is_number(const struct json *json)
{
    return json_kind(json) == JSON_INTEGER || json_kind(json) == JSON_REAL;
}

bool segment_setting_is_same(const struct json *a, const struct json *b)
{
    if (is_number(a) && is_number(b))
        return json_double(a) == json_double(b);
    if (json_kind(a) != json_kind(b))
        return false;
    switch (json_kind(a)) {
    case JSON_BOOL:
        return json_bool(a) == json_bool(b);
    case JSON_STRING:
        return bytes_eq(json_string(a), json_string(b));
    case JSON_ARRAY:
        return is_same_array(a, b);
    case JSON_OBJECT:
        return is_same_object(a, b);
    case JSON_MISSING:
    case JSON_NULL:
    case JSON_INTEGER:
    case JSON_REAL:
        break;
    }
    return true;
}

const struct json *segment_setting_find(const struct json *destination, struct bytes name,
                                        struct bytes *ret_type)
{
    const struct json *config = json_get(destination, "config");
    void *cursor = NULL;
    const char *key;
    const struct json *value;

    *ret_type = bytes_of(NULL, 0);
    for (size_t i = 0; json_kind(config) == JSON_ARRAY && i < json_count(config); i++) {
        const struct json *entry = json_at(config, i);

        if (!bytes_eq(name_last(json_string(json_get(entry, "name"))), name))
            continue;
        *ret_type = json_string(json_get(entry, "type"));
        return json_get(entry, "value");
    }
    while (json_next(json_get(destination, "settings"), &cursor, &key, &value)) {
        if (bytes_eq(bytes_str(key), name))
            return value;
    }
    return NULL;
}

static void write_value(const struct json *value, struct write *write)
{
    struct buf text;

    buf_init(&text, VALUE_BYTES);
    (void)json_print(value, /* indented= */ false, &text);
    write_raw(write, buf_bytes(&text));
    write->out->full = write->out->full || text.full;
    buf_done(&text);
}

size_t segment_setting_write_list(struct bytes destination, const struct json *settings,
                                  struct write *write)
{
    void *cursor = NULL;
    const char *key;
    const struct json *value;
    size_t n = 0;

    write_array(write);
    while (json_next(settings, &cursor, &key, &value)) {
        struct buf name;

        if (segment_setting_is_masked(value))
            continue;
        buf_init(&name, NAME_BYTES);
        write->out->full |=
            buf_addf(&name, "%.*s/config/%s", BYTES_FMT(destination), key) != 0;
        write_object(write);
        write_member_string(write, "name", buf_bytes(&name));
        write_key(write, "value");
        write_value(value, write);
        write_object_end(write);
        buf_done(&name);
        n++;
    }
    write_array_end(write);
    return n;
}

void segment_setting_write_object(const struct json *settings, struct write *write)
{
    void *cursor = NULL;
    const char *key;
    const struct json *value;

    write_object(write);
    while (json_next(settings, &cursor, &key, &value)) {
        if (segment_setting_is_masked(value))
            continue;
        write_key_string(write, bytes_str(key));
        write_value(value, write);
    }
    write_object_end(write);
}
