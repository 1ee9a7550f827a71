/* SPDX-License-Identifier: MIT */

#include "trial/fn_expect.h"

#include "base/buf.h"
#include "json/json.h"

enum { VALUE_BYTES = 1 << 20, SHOWN_BYTES = 300, DEPTH = 32 };

/* Where two values stand, and what they are. */
struct pair {
    const char *path;
    const struct json *want, *got;
    int depth;
};

static void compare(struct fn_expect *expect, const struct pair *pair);

static const char *shown(struct fn_expect *expect, const struct json *value)
{
    cleanup(buf_done) struct buf text = {0};

    if (json_kind(value) == JSON_MISSING)
        return "nothing";
    buf_init(&text, VALUE_BYTES);
    json_print(value, /* indented= */ false, &text);
    if (text.len <= SHOWN_BYTES)
        return arena_copy(&expect->arena, buf_bytes(&text));
    return arena_printf(&expect->arena, "%.*s…", SHOWN_BYTES, buf_text(&text));
}

static void differ(struct fn_expect *expect, const struct pair *pair)
{
    if (expect->n < FN_EXPECT_SHOWN)
        expect->list[expect->n] = (struct fn_expect_difference){
            .path = pair->path,
            .want = shown(expect, pair->want),
            .got = shown(expect, pair->got),
        };
    expect->n++;
}

/* Takes the next piece between wildcards off *want; false: it was the last. */
static bool take_piece(struct bytes *want, struct bytes *ret_piece)
{
    static const char *const wildcards[] = {"…", "••••"};
    size_t nearest = want->len;
    size_t width = 0;

    for (size_t i = 0; i < COUNT(wildcards); i++) {
        struct bytes wildcard = bytes_str(wildcards[i]);
        size_t at = bytes_find(*want, wildcard);

        if (at < nearest) {
            nearest = at;
            width = wildcard.len;
        }
    }
    *ret_piece = bytes_slice(*want, 0, nearest);
    *want = bytes_slice(*want, nearest + width, want->len);
    return width > 0;
}

static bool text_fits(struct bytes want, struct bytes got)
{
    struct bytes piece;

    if (!take_piece(&want, &piece))
        return bytes_eq(piece, got);
    if (!bytes_starts(got, piece))
        return false;
    got = bytes_slice(got, piece.len, got.len);
    while (take_piece(&want, &piece)) {
        size_t at = bytes_find(got, piece);

        if (piece.len > 0 && at >= got.len)
            return false;
        got = bytes_slice(got, at + piece.len, got.len);
    }
    return bytes_ends(got, piece);
}

static const struct json *member(const struct json *object, const char *key,
                                 bool any_case)
{
    const struct json *value;
    const char *name;
    void *cursor = NULL;

    if (!any_case)
        return json_get(object, key);
    while (json_next(object, &cursor, &name, &value)) {
        if (bytes_eq_nocase(bytes_str(name), bytes_str(key)))
            return value;
    }
    return NULL;
}

static bool is_last(const char *path, const char *key)
{
    struct bytes whole = bytes_str(path);
    struct bytes last = bytes_str(key);

    if (!bytes_ends(whole, last))
        return false;
    whole.len -= last.len;
    return whole.len == 0 || bytes_ends(whole, BYTES("."));
}

static void compare_objects(struct fn_expect *expect, const struct pair *pair)
{
    bool any_case = is_last(pair->path, "headers");
    const struct json *want;
    const char *key;
    void *cursor = NULL;

    while (json_next(pair->want, &cursor, &key, &want)) {
        struct pair inner = {
            .path = pair->path[0] == '\0'
                        ? arena_text(&expect->arena, key)
                        : arena_printf(&expect->arena, "%s.%s", pair->path, key),
            .want = want,
            .got = member(pair->got, key, any_case),
            .depth = pair->depth + 1,
        };

        compare(expect, &inner);
    }
}

static void compare_lists(struct fn_expect *expect, const struct pair *pair)
{
    size_t n_want = json_count(pair->want);
    size_t n_got = json_count(pair->got);
    size_t n = n_want < n_got ? n_want : n_got;

    if (n_want != n_got) {
        struct fn_expect_difference difference = {
            .path = arena_printf(&expect->arena, "%s.length", pair->path),
            .want = arena_printf(&expect->arena, "%zu", n_want),
            .got =
                arena_printf(&expect->arena, "%zu: %s", n_got, shown(expect, pair->got)),
        };

        if (expect->n < FN_EXPECT_SHOWN)
            expect->list[expect->n] = difference;
        expect->n++;
    }
    for (size_t i = 0; i < n; i++) {
        struct pair inner = {
            .path = arena_printf(&expect->arena, "%s[%zu]", pair->path, i),
            .want = json_at(pair->want, i),
            .got = json_at(pair->got, i),
            .depth = pair->depth + 1,
        };

        compare(expect, &inner);
    }
}

static bool is_number(enum json_kind kind)
{
    return kind == JSON_INTEGER || kind == JSON_REAL;
}

static bool is_equal(const struct json *want, const struct json *got)
{
    enum json_kind kind = json_kind(want);

    if (is_number(kind))
        return is_number(json_kind(got)) && json_double(want) == json_double(got);
    if (kind == JSON_NULL)
        return json_kind(got) == JSON_NULL || json_kind(got) == JSON_MISSING;
    if (kind != json_kind(got))
        return false;
    if (kind == JSON_STRING)
        return text_fits(json_string(want), json_string(got));
    return kind != JSON_BOOL || json_bool(want) == json_bool(got);
}

/* JSON inside a text, as bodies are. */
static bool compare_inside(struct fn_expect *expect, const struct pair *pair)
{
    struct json *inside = NULL;
    struct pair inner = *pair;

    if (json_kind(pair->got) != JSON_STRING || !is_last(pair->path, "body") ||
        json_parse(json_string(pair->got), &inside, NULL) < 0)
        return false;
    inner.got = inside;
    compare(expect, &inner);
    json_free(inside);
    return true;
}

static void compare(struct fn_expect *expect, const struct pair *pair)
{
    enum json_kind kind = json_kind(pair->want);
    bool is_nested = kind == JSON_OBJECT || kind == JSON_ARRAY;

    if (pair->depth > DEPTH)
        return;
    if (is_nested && compare_inside(expect, pair))
        return;
    if (is_nested && json_kind(pair->got) == kind) {
        if (kind == JSON_OBJECT)
            compare_objects(expect, pair);
        else
            compare_lists(expect, pair);
        return;
    }
    if (is_nested || !is_equal(pair->want, pair->got))
        differ(expect, pair);
}

static bool has_line(const struct json *lines, struct bytes text, size_t *from)
{
    for (; *from < json_count(lines); (*from)++) {
        struct bytes line = json_string(json_at(lines, *from));

        if (text.len == 0 || bytes_find(line, text) < line.len) {
            (*from)++;
            return true;
        }
    }
    return false;
}

static void compare_logs(struct fn_expect *expect, const struct json *want,
                         const struct json *got)
{
    size_t from = 0;

    for (size_t i = 0; i < json_count(want); i++) {
        struct pair pair = {
            .path = arena_printf(&expect->arena, "logs[%zu]", i),
            .want = json_at(want, i),
            .got = got,
        };

        if (!has_line(got, json_string(pair.want), &from)) {
            differ(expect, &pair);
            return;
        }
    }
}

static void compare_error(struct fn_expect *expect, const struct json *want,
                          const struct json *got)
{
    struct pair pair = {.path = "error", .want = want, .got = got};

    if (json_kind(want) == JSON_STRING) {
        pair.path = "error.name";
        pair.got = json_get(got, "name");
    }
    compare(expect, &pair);
}

static void compare_outcome(struct fn_expect *expect, const struct json *want,
                            const struct json *got)
{
    cleanup(json_freep) struct json *delivered = json_object();
    struct pair pair = {.path = "outcome",
                        .want = json_get(want, "outcome"),
                        .got = json_get(got, "outcome")};

    if (json_kind(pair.want) == JSON_MISSING) {
        if (json_kind(json_get(want, "error")) > JSON_NULL)
            return;
        json_set_string(delivered, "outcome", BYTES("delivered"));
        pair.want = json_get(delivered, "outcome");
    }
    compare(expect, &pair);
}

void fn_expect_check(struct fn_expect *expect, const struct json *want,
                     const struct json *got)
{
    static const char *const plain[] = {"result", "requests"};

    *expect = (struct fn_expect){0};
    arena_init(&expect->arena);
    compare_outcome(expect, want, got);
    if (json_kind(json_get(want, "error")) != JSON_MISSING)
        compare_error(expect, json_get(want, "error"), json_get(got, "error"));
    for (size_t i = 0; i < COUNT(plain); i++) {
        struct pair pair = {.path = plain[i],
                            .want = json_get(want, plain[i]),
                            .got = json_get(got, plain[i])};

        if (json_kind(pair.want) != JSON_MISSING)
            compare(expect, &pair);
    }
    compare_logs(expect, json_get(want, "logs"), json_get(got, "logs"));
}

void fn_expect_done(struct fn_expect *expect)
{
    arena_done(&expect->arena);
}
