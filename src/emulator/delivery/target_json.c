/* SPDX-License-Identifier: MIT */

/* Targets as people and settings write them; what they must be is in target.c. */

#include "emulator/delivery/target_parts.h"

#include "base/buf.h"
#include "base/err.h"
#include "json/json.h"

enum { JSON_BYTES = 1 << 20 };

static struct bytes keep(struct arena *arena, struct bytes bytes)
{
    return bytes_of(arena_copy(arena, bytes), bytes.len);
}

static bool is_absent(const struct json *json)
{
    return json_kind(json) == JSON_MISSING || json_kind(json) == JSON_NULL;
}

int target_read_text(const struct json *json, const char *name, struct arena *arena,
                     struct bytes *ret_text, struct err *err)
{
    const struct json *value = json_get(json, name);

    if (is_absent(value))
        return 0;
    if (json_kind(value) != JSON_STRING)
        return err_set(err, "%s is text", name);
    *ret_text = keep(arena, json_string(value));
    return 0;
}

static int print(const struct json *json, struct arena *arena, struct bytes *ret_text,
                 struct err *err)
{
    cleanup(buf_done) struct buf text = {0};

    buf_init(&text, JSON_BYTES);
    if (json_print(json, /* indented= */ false, &text) != 0)
        return err_set(err, "the settings are larger than %d bytes", JSON_BYTES);
    *ret_text = keep(arena, buf_bytes(&text));
    return 0;
}

int target_read_object(const struct json *json, const char *name, struct arena *arena,
                       struct bytes *ret_text, struct err *err)
{
    const struct json *value = json_get(json, name);

    if (is_absent(value))
        return 0;
    if (json_kind(value) != JSON_OBJECT)
        return err_set(err, "%s is an object", name);
    return json_count(value) > 0 ? print(value, arena, ret_text, err) : 0;
}

/* --- settings ----------------------------------------------------------------------- */

int target_read_settings(const struct json *settings, struct arena *arena,
                         struct target *target, struct err *err)
{
    cleanup(json_freep) struct json *others = json_object();
    void *cursor = NULL;
    const char *key;
    const struct json *value;

    if (is_absent(settings))
        return 0;
    if (json_kind(settings) != JSON_OBJECT)
        return err_set(err, "settings is an object");
    while (json_next(settings, &cursor, &key, &value)) {
        if (strcmp(key, "apiKey") != 0)
            json_set(others, key, value);
        else if (json_kind(value) != JSON_STRING)
            return err_set(err, "apiKey is text");
        else
            target->api_key = keep(arena, json_string(value));
    }
    target->settings = bytes_of(NULL, 0);
    return json_count(others) > 0 ? print(others, arena, &target->settings, err) : 0;
}

/* --- hooks -------------------------------------------------------------------------- */

static int read_headers(const struct json *headers, struct arena *arena,
                        struct target_hook *hook, struct err *err)
{
    void *cursor = NULL;
    const char *name;
    const struct json *value;

    if (is_absent(headers))
        return 0;
    if (json_kind(headers) != JSON_OBJECT)
        return err_set(err, "headers is an object of names and texts");
    while (json_next(headers, &cursor, &name, &value)) {
        if (json_kind(value) != JSON_STRING)
            return err_set(err, "the header %.40s is not text", name);
        if (hook->n_headers == TARGET_HEADERS)
            return err_set(err, "a hook has at most %d headers", TARGET_HEADERS);
        hook->headers[hook->n_headers++] = (struct target_header){
            bytes_str(arena_text(arena, name)), keep(arena, json_string(value))};
    }
    return 0;
}

int target_read_hook(struct bytes url, const struct json *headers, struct arena *arena,
                     struct target *target, struct err *err)
{
    struct target_hook *hook = &target->hooks[target->n_hooks];

    if (target->n_hooks == TARGET_HOOKS)
        return err_set(err, "there are at most %d hooks", TARGET_HOOKS);
    *hook = (struct target_hook){.url = keep(arena, url)};
    target->n_hooks++;
    return read_headers(headers, arena, hook, err);
}

int target_read_hooks(const struct json *hooks, struct arena *arena,
                      struct target *target, struct err *err)
{
    if (is_absent(hooks))
        return 0;
    if (json_kind(hooks) != JSON_ARRAY)
        return err_set(err, "hooks is a list");
    if (json_count(hooks) > TARGET_HOOKS)
        return err_set(err, "there are at most %d hooks, here are %zu", TARGET_HOOKS,
                       json_count(hooks));
    for (size_t i = 0; i < json_count(hooks); i++) {
        const struct json *item = json_at(hooks, i);

        if (target_read_hook(json_string(json_get(item, "hook")),
                             json_get(item, "headers"), arena, target, err) < 0)
            return -1;
    }
    return 0;
}

/* --- the whole ---------------------------------------------------------------------- */

static const struct {
    const char *name;
    enum target_kind kind;
} kinds[] = {
    {"webhook", TARGET_WEBHOOK}, {"classic", TARGET_CLASSIC},
    {"actions", TARGET_ACTIONS}, {"function", TARGET_FUNCTION},
    {"lambda", TARGET_LAMBDA},
};

static int read_kind(const struct json *json, struct target *target, struct err *err)
{
    const struct bytes kind = json_string(json_get(json, "kind"));

    for (size_t i = 0; i < COUNT(kinds); i++) {
        if (bytes_eq(kind, bytes_str(kinds[i].name)))
            target->kind = kinds[i].kind;
    }
    if (target->kind != TARGET_NONE)
        return 0;
    return err_set(err, "kind is webhook, function or lambda (or, for one attempt, "
                        "classic or actions)");
}

static int read_texts(const struct json *json, struct arena *arena, struct target *target,
                      struct err *err)
{
    const struct {
        const char *name;
        struct bytes *text;
    } texts[] = {
        {"api_key", &target->api_key},
        {"shared_secret", &target->shared_secret},
        {"method", &target->method},
        {"function", &target->function},
        {"generation", &target->generation},
        {"arn", &target->arn},
        {"invoke_url", &target->invoke_url},
        {"region", &target->region},
        {"role", &target->role},
        {"external_id", &target->external_id},
        {"sts_url", &target->sts_url},
    };

    for (size_t i = 0; i < COUNT(texts); i++) {
        if (target_read_text(json, texts[i].name, arena, texts[i].text, err) < 0)
            return -1;
    }
    return 0;
}

/* One of two words, or nothing. */
static int read_choice(const struct json *json, const char *name,
                       const char *const words[2], bool *ret_is_second, struct err *err)
{
    const struct json *value = json_get(json, name);

    if (is_absent(value))
        return 0;
    *ret_is_second = bytes_eq(json_string(value), bytes_str(words[1]));
    if (*ret_is_second || bytes_eq(json_string(value), bytes_str(words[0])))
        return 0;
    return err_set(err, "%s is %s or %s", name, words[0], words[1]);
}

static int read_where(const struct json *json, struct arena *arena, struct target *target,
                      struct err *err)
{
    struct bytes url = {0};

    if (target_read_text(json, "url", arena, &url, err) < 0 ||
        target_read_hooks(json_get(json, "hooks"), arena, target, err) < 0)
        return -1;
    if (url.len == 0)
        return 0;
    if (target->kind == TARGET_LAMBDA) {
        if (target->invoke_url.len == 0)
            target->invoke_url = url;
        return 0;
    }
    return target_read_hook(url, json_get(json, "headers"), arena, target, err);
}

int target_read(const struct json *json, struct arena *arena, struct target *ret_target,
                struct err *err)
{
    static const char *const log_types[2] = {"None", "Tail"};
    static const char *const payloads[2] = {"event", "envelope"};
    struct target *target = ret_target;

    *target = (struct target){0};
    if (json_kind(json) != JSON_OBJECT)
        return err_set(err, "a target is an object");
    if (read_kind(json, target, err) < 0 ||
        target_read_settings(json_get(json, "settings"), arena, target, err) < 0 ||
        read_texts(json, arena, target, err) < 0 ||
        read_where(json, arena, target, err) < 0)
        return -1;
    if (read_choice(json, "log_type", log_types, &target->wants_log, err) < 0 ||
        read_choice(json, "payload", payloads, &target->is_enveloped, err) < 0)
        return -1;
    return target_read_object(json, "client_context", arena, &target->client_context,
                              err);
}

int target_of_json(const struct json *json, struct arena *arena,
                   struct target *ret_target, struct err *err)
{
    if (target_read(json, arena, ret_target, err) < 0)
        return -1;
    return target_finish(ret_target, arena, err);
}
