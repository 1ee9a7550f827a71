/* SPDX-License-Identifier: MIT */

#include "emulator/delivery/attempt_mask.h"

#include <strings.h>

#include "base/err.h"
#include "json/json.h"

enum { OBJECT_BYTES = 1 << 20 };

static bool is_sensitive(const char *name, const struct json *names)
{
    const size_t len = strlen(name);

    for (size_t i = 0; i < json_count(names); i++) {
        if (bytes_eq(json_string(json_at(names, i)), bytes_str(name)))
            return true;
    }
    return redact_is_secret_header(bytes_str(name)) ||
           (len >= 3 && strcasecmp(name + len - 3, "key") == 0);
}

static struct json *parse(struct bytes text)
{
    struct json *json = NULL;
    struct err err = {0};

    if (text.len == 0 || json_parse(text, &json, &err) < 0)
        return NULL;
    return json;
}

struct bytes attempt_mask_object(struct bytes text, struct bytes names,
                                 struct arena *arena)
{
    cleanup(json_freep) struct json *list = parse(names);
    cleanup(json_freep) struct json *json = parse(text);
    cleanup(json_freep) struct json *masked = json_object();
    cleanup(buf_done) struct buf out = {0};
    void *cursor = NULL;
    const char *name;
    const struct json *value;

    if (json_kind(json) != JSON_OBJECT)
        return text;
    while (json_next(json, &cursor, &name, &value)) {
        if (is_sensitive(name, list))
            json_set_string(masked, name, BYTES(ATTEMPT_MASK));
        else
            json_set(masked, name, value);
    }
    buf_init(&out, OBJECT_BYTES);
    json_print(masked, /* indented= */ false, &out);
    return bytes_of(arena_copy(arena, buf_bytes(&out)), out.len);
}

void attempt_mask_collect(struct bytes text, struct bytes names, struct arena *arena,
                          struct redact *redact)
{
    cleanup(json_freep) struct json *list = parse(names);
    cleanup(json_freep) struct json *json = parse(text);
    void *cursor = NULL;
    const char *name;
    const struct json *value;

    if (json_kind(json) != JSON_OBJECT)
        return;
    while (json_next(json, &cursor, &name, &value)) {
        const struct bytes secret = json_string(value);

        if (is_sensitive(name, list) && secret.len > 0)
            redact_add(redact, bytes_of(arena_copy(arena, secret), secret.len));
    }
}
