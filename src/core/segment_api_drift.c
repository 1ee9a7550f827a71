/* SPDX-License-Identifier: MIT */

#include "core/segment_api.h"

#include "core/segment_setting.h"
#include "json/json.h"
#include "json/write.h"

enum { VALUE_BYTES = 64 << 10 };

static void write_value(struct write *write, const char *key, const struct json *value,
                        bool is_secret)
{
    struct buf text;

    if (is_secret && json_kind(value) != JSON_MISSING && json_kind(value) != JSON_NULL) {
        write_member_text(write, key, "••••");
        return;
    }
    buf_init(&text, VALUE_BYTES);
    if (value != NULL)
        (void)json_print(value, /* indented= */ false, &text);
    if (text.full)
        write_member_text(write, key, "…");
    else
        write_member_raw(write, key, buf_bytes(&text));
    buf_done(&text);
}

static bool compare_enabled(const struct json *destination, bool should,
                            struct write *write)
{
    const bool is = json_bool(json_get(destination, "enabled"));

    if (is == should)
        return false;
    write_object(write);
    write_member_text(write, "setting", "enabled");
    write_member_bool(write, "is", is);
    write_member_bool(write, "should", should);
    write_object_end(write);
    return true;
}

static bool compare_setting(const struct json *destination, const char *name,
                            const struct json *should, struct write *write)
{
    struct bytes type;
    const struct json *is = segment_setting_find(destination, bytes_str(name), &type);
    const bool is_secret = segment_setting_is_secret(bytes_str(name), type);

    if (segment_setting_is_masked(is) || segment_setting_is_masked(should) ||
        segment_setting_is_same(is, should))
        return false;
    write_object(write);
    write_member_string(write, "setting", bytes_str(name));
    write_value(write, "is", is, is_secret);
    write_value(write, "should", should, is_secret);
    write_object_end(write);
    return true;
}

bool segment_api_drift(const struct json *destination,
                       const struct segment_destination *wanted, struct buf *ret_json)
{
    cleanup(json_freep) struct json *settings = NULL;
    struct write write;
    void *cursor = NULL;
    const char *name;
    const struct json *should;
    bool differs;

    if (json_parse(wanted->settings, &settings, NULL) < 0)
        settings = NULL;
    write_init(&write, ret_json);
    write_array(&write);
    differs = compare_enabled(destination, wanted->is_enabled, &write);
    while (json_next(settings, &cursor, &name, &should))
        differs |= compare_setting(destination, name, should, &write);
    write_array_end(&write);
    return differs;
}
