/* SPDX-License-Identifier: MIT */

#include "lambda/runtime/manifest.h"

#include "base/err.h"
#include "json/json.h"
#include "json/write.h"

enum { LONGEST_MS = 15 * 60 * 1000 }; /* what Lambda lets a function take */

static const char *const generations[] = {
    [POOL_BY_CODE] = "",
    [POOL_CUSTOM] = "custom",
    [POOL_SUBSCRIPTION] = "subscription",
    [POOL_FUNCTIONS] = "functions",
};
static const char *const evals[] = {
    [POOL_EVAL_BY_GENERATION] = "",
    [POOL_EVAL_ON] = "on",
    [POOL_EVAL_OFF] = "off",
};

void manifest_write(const struct manifest *manifest, struct buf *ret_text)
{
    struct write write;

    write_init(&write, ret_text);
    write_object(&write);
    write_member_string(&write, "name", manifest->name);
    if (manifest->generation != POOL_BY_CODE)
        write_member_text(&write, "generation", generations[manifest->generation]);
    if (manifest->allow_eval != POOL_EVAL_BY_GENERATION)
        write_member_text(&write, "allow_eval", evals[manifest->allow_eval]);
    if (manifest->timeout_ms > 0)
        write_member_i64(&write, "timeout_ms", manifest->timeout_ms);
    if (manifest->slice_ms > 0)
        write_member_i64(&write, "slice_ms", manifest->slice_ms);
    if (manifest->is_fresh)
        write_member_text(&write, "isolation", "event");
    write_object_end(&write);
}

/* The place of @value in @words; -1: it is none of them. */
static int find(const char *const *words, int n_words, const struct json *value)
{
    for (int i = 1; i < n_words; i++) {
        if (json_kind(value) == JSON_STRING &&
            bytes_eq(json_string(value), bytes_str(words[i])))
            return i;
    }
    return -1;
}

static bool read_ms(const struct json *value, int64_t *ret_ms)
{
    *ret_ms = json_i64(value);
    return json_kind(value) == JSON_INTEGER && *ret_ms > 0 && *ret_ms <= LONGEST_MS;
}

/* False: not ours, or not like that. */
static bool read_member(const char *key, const struct json *value, struct arena *arena,
                        struct manifest *manifest)
{
    int at = 0;

    if (strcmp(key, "name") == 0) {
        manifest->name = bytes_str(arena_copy(arena, json_string(value)));
        return manifest->name.len > 0;
    }
    if (strcmp(key, "generation") == 0) {
        at = find(generations, COUNT(generations), value);
        manifest->generation = at > 0 ? (enum pool_generation)at : POOL_BY_CODE;
        return at > 0;
    }
    if (strcmp(key, "allow_eval") == 0) {
        at = find(evals, COUNT(evals), value);
        manifest->allow_eval = at > 0 ? (enum pool_eval)at : POOL_EVAL_BY_GENERATION;
        return at > 0;
    }
    if (strcmp(key, "isolation") == 0) {
        manifest->is_fresh = bytes_eq(json_string(value), BYTES("event"));
        return manifest->is_fresh;
    }
    if (strcmp(key, "timeout_ms") == 0)
        return read_ms(value, &manifest->timeout_ms);
    return strcmp(key, "slice_ms") == 0 && read_ms(value, &manifest->slice_ms);
}

int manifest_read(struct bytes text, struct arena *arena, struct manifest *ret_manifest,
                  struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;
    const struct json *value;
    const char *key;
    void *cursor = NULL;

    *ret_manifest = (struct manifest){0};
    if (json_parse(text, &json, err) < 0)
        return -1;
    if (json_kind(json) != JSON_OBJECT)
        return err_set(err, "it is no JSON object");
    while (json_next(json, &cursor, &key, &value)) {
        if (!read_member(key, value, arena, ret_manifest))
            return err_set(err, "\"%.80s\" is not known, or has no such value", key);
    }
    return 0;
}
