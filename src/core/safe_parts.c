/* SPDX-License-Identifier: MIT */

#include "core/safe_parts.h"

#include "base/form.h"
#include "base/mem.h"
#include "core/redact.h"
#include "json/json.h"

enum { INPUT_BYTES = 64 << 10, PLAIN_BYTES = 8192 };

#define MASK "••••"

static const char *const shown_members[] = {
    "connection_mode", "create_time",    "description",
    "display_name",    "error",          "error_description",
    "expires_at",      "message",        "name",
    "parent",          "scope",          "slug",
    "source",          "source_name",    "status",
    "token_type",      "type",           "update_time",
    "workspace",       "workspace_name", "paths"};

static const char *const hidden_members[] = {"value", "settings", "metadata"};

static const char *const shown_fields[] = {"client_id",     "code_challenge_method",
                                           "grant_type",    "redirect_uri",
                                           "response_type", "scope"};

static bool is_among(const char *name, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

static void write_plain(struct write *json, struct bytes text,
                        const struct redact *redact)
{
    cleanup(buf_done) struct buf plain = {0};

    buf_init(&plain, PLAIN_BYTES);
    if (redact_text(redact, text, &plain) == 0)
        write_string(json, buf_bytes(&plain));
    else
        write_text(json, MASK);
}

/* @name: of the member that it is, or lies in. */
static void write_value(struct write *json, const char *name, const struct json *value,
                        const struct redact *redact)
{
    const struct json *member;
    const char *key;
    void *cursor = NULL;

    if (is_among(name, hidden_members, COUNT(hidden_members)) ||
        (json_kind(value) == JSON_STRING &&
         !is_among(name, shown_members, COUNT(shown_members)))) {
        write_text(json, MASK);
    } else if (json_kind(value) == JSON_OBJECT) {
        write_object(json);
        while (json_next(value, &cursor, &key, &member)) {
            write_key_string(json, bytes_str(key));
            write_value(json, key, member, redact);
        }
        write_object_end(json);
    } else if (json_kind(value) == JSON_ARRAY) {
        write_array(json);
        for (size_t i = 0; i < json_count(value); i++)
            write_value(json, name, json_at(value, i), redact);
        write_array_end(json);
    } else if (json_kind(value) == JSON_STRING) {
        write_plain(json, json_string(value), redact);
    } else {
        cleanup(buf_done) struct buf text = {0};

        buf_init(&text, PLAIN_BYTES);
        json_print(value, /* indented= */ false, &text);
        write_raw(json, buf_bytes(&text));
    }
}

void safe_parts_json(struct write *json, struct bytes text, const struct redact *redact)
{
    cleanup(json_freep) struct json *parsed = NULL;
    cleanup(buf_done) struct buf shown = {0};
    struct write inside;

    buf_init(&shown, SAFE_PARTS_BYTES);
    write_init(&inside, &shown);
    if (text.len == 0 || text.len > INPUT_BYTES || json_parse(text, &parsed, NULL) < 0) {
        write_null(json);
        return;
    }
    write_value(&inside, "", parsed, redact);
    if (shown.full)
        write_null(json);
    else
        write_raw(json, buf_bytes(&shown));
}

void safe_parts_form(struct write *json, struct bytes form, const struct redact *redact)
{
    cleanup(buf_done) struct buf shown = {0};
    cleanup(buf_done) struct buf scratch = {0};
    struct bytes name, value;

    buf_init(&shown, SAFE_PARTS_BYTES);
    buf_init(&scratch, PLAIN_BYTES);
    while (form_next(&form, &scratch, &name, &value)) {
        cleanup(freep) char *key = bytes_copy(name);

        buf_addf(&shown, "%s%s=", shown.len > 0 ? "&" : "", key);
        if (is_among(key, shown_fields, COUNT(shown_fields)))
            buf_add(&shown, value);
        else
            buf_add_text(&shown, MASK);
        buf_clear(&scratch);
    }
    if (shown.full || scratch.full)
        write_text(json, MASK);
    else
        write_plain(json, buf_bytes(&shown), redact);
}
