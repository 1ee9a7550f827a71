/* SPDX-License-Identifier: MIT */

#include "trial/fn_case.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "segment/suite.h"
#include "trial/fn_code.h"
#include "trial/fn_folder.h"
#include "json/json.h"

static const struct json *adopt(struct fn_cases *cases, struct json *document)
{
    cases->documents =
        mem_grow(cases->documents, cases->n_documents + 1, sizeof(struct json *));
    cases->documents[cases->n_documents++] = document;
    return document;
}

static struct fn_case *add(struct fn_cases *cases, const struct fn_case *one)
{
    struct fn_case *added;

    cases->list = mem_grow(cases->list, cases->n + 1, sizeof(*cases->list));
    added = &cases->list[cases->n++];
    *added = *one;
    added->number = (unsigned)cases->n;
    return added;
}

/* "PAGE" of an event. */
static const char *type_of(struct fn_cases *cases, const struct json *event)
{
    char *type = arena_copy(&cases->arena, json_string(json_get(event, "type")));

    for (char *c = type; *c != '\0'; c++)
        *c = (char)toupper((unsigned char)*c);
    return type;
}

/* What Segment adds to the suite's events, the same in every run. */
static void stamp(struct json *fixture, size_t index)
{
    char id[32];
    struct err err = {0};

    snprintf(id, sizeof(id), "\"test-suite-%zu\"", index + 1);
    if (json_set_path(fixture, "event.messageId", bytes_str(id), &err) < 0 ||
        json_set_path(fixture, "event.receivedAt", BYTES("\"2019-05-31T23:27:38.000Z\""),
                      &err) < 0 ||
        json_set_path(fixture, "event.projectId", BYTES("\"test-suite\""), &err) < 0)
        abort(); /* our own files are objects */
}

static int add_suite(struct fn_cases *cases, struct err *err)
{
    for (size_t i = 0; i < SUITE_EVENTS_WITH_EXTRA; i++) {
        const struct suite_event suite = suite_event(i);
        struct json *fixture = NULL;

        if (json_parse(suite.fixture, &fixture, err) < 0)
            return err_wrap(err, "%s", suite.name);
        adopt(cases, fixture);
        stamp(fixture, i);
        const struct fn_case one = {
            .kind = i < SUITE_EVENTS ? FN_CASE_SUITE : FN_CASE_EXTRA,
            .entry = POOL_EVENT,
            .type = type_of(cases, json_get(fixture, "event")),
            .name = suite.name,
            .event = json_get(fixture, "event"),
            .settings = json_get(fixture, "settings"),
        };
        add(cases, &one);
    }
    return 0;
}

/* The suite's events so far, in one batch. */
static int add_batch(struct fn_cases *cases, struct err *err)
{
    cleanup(buf_done) struct buf text = {0};
    struct json *batch = NULL;

    buf_init(&text, POOL_VALUE_BYTES);
    for (size_t i = 0; i < cases->n; i++) {
        buf_add_char(&text, i == 0 ? '[' : ',');
        json_print(cases->list[i].event, /* indented= */ false, &text);
    }
    buf_add_char(&text, ']');
    if (json_parse(buf_bytes(&text), &batch, err) < 0)
        return -1;
    const struct fn_case one = {
        .kind = FN_CASE_BATCH,
        .entry = POOL_BATCH,
        .type = "BATCH",
        .name = "All of These in One Batch",
        .event = adopt(cases, batch),
        .settings = cases->list[0].settings,
    };
    add(cases, &one);
    return 0;
}

static int refuse(const char *path, const char *why, struct err *err)
{
    err_code(err, "PA2041", ERR_FAILED, "%s is no test: %s", path, why);
    return err_help(err, "what a test is made of: partnerapp explain PA2041");
}

static void set_event(struct fn_case *one, const struct json *event)
{
    const struct json *inner = json_get(event, "event");

    if (json_get(event, "type") == NULL &&
        (json_kind(inner) == JSON_OBJECT || json_kind(inner) == JSON_ARRAY)) {
        if (one->settings == NULL)
            one->settings = json_get(event, "settings");
        event = inner;
    }
    one->event = event;
    one->entry = json_kind(event) == JSON_ARRAY ? POOL_BATCH : POOL_EVENT;
}

static int add_own(struct fn_cases *cases, const char *path, struct err *err)
{
    struct json *document = NULL;
    struct fn_case one = {.kind = FN_CASE_OWN, .path = path};
    struct bytes name;

    if (fn_folder_read(path, &document, err) < 0)
        return -1;
    adopt(cases, document);
    one.settings = json_get(document, "settings");
    one.answers = json_get(document, "answers");
    one.expect = json_get(document, "expect");
    if (json_kind(json_get(document, "request")) != JSON_MISSING) {
        one.entry = POOL_REQUEST;
        one.event = json_get(document, "request");
        one.type = "REQUEST";
    } else {
        set_event(&one, json_get(document, "event"));
        one.type = one.entry == POOL_BATCH ? "BATCH" : type_of(cases, one.event);
    }
    if (json_kind(one.event) == JSON_MISSING)
        return refuse(path, "it has neither an event nor a request", err);
    if (json_kind(one.expect) != JSON_MISSING && json_kind(one.expect) != JSON_OBJECT)
        return refuse(path, "\"expect\" is no object", err);
    name = json_string(json_get(document, "name"));
    one.name = name.len > 0 ? arena_copy(&cases->arena, name) : strrchr(path, '/') + 1;
    add(cases, &one);
    return 0;
}

int fn_cases_read(struct fn_cases *cases, struct fn_code *code, struct err *err)
{
    const char **paths;

    *cases = (struct fn_cases){0};
    arena_init(&cases->arena);
    if (!fn_code_is_source(code) && add_suite(cases, err) < 0)
        return -1;
    if (fn_code_has_handler(code, "onBatch") && cases->n > 0 && add_batch(cases, err) < 0)
        return -1;
    if (fn_folder_list(arena_printf(&cases->arena, "%s/tests", fn_code_folder(code)),
                       &cases->arena, &paths, err) < 0)
        return -1;
    for (; *paths != NULL; paths++) {
        if (add_own(cases, *paths, err) < 0)
            return -1;
    }
    return 0;
}

void fn_cases_done(struct fn_cases *cases)
{
    for (size_t i = 0; i < cases->n_documents; i++)
        json_free(cases->documents[i]);
    free(cases->documents);
    free(cases->list);
    arena_done(&cases->arena);
    *cases = (struct fn_cases){0};
}

static bool has_part(struct bytes text, struct bytes part)
{
    for (size_t at = 0; at + part.len <= text.len; at++) {
        if (bytes_eq_nocase(bytes_slice(text, at, part.len), part))
            return true;
    }
    return false;
}

static bool is_meant(const struct fn_case *one, struct bytes only)
{
    int64_t number;

    if (bytes_to_i64(only, &number))
        return one->number == number;
    return bytes_eq_nocase(bytes_str(one->type), only) ||
           has_part(bytes_str(one->name), only) ||
           (one->path != NULL && has_part(bytes_str(one->path), only));
}

void fn_cases_choose(struct fn_cases *cases, const char *only)
{
    size_t n = 0;

    if (only == NULL)
        return;
    for (size_t i = 0; i < cases->n; i++) {
        if (is_meant(&cases->list[i], bytes_str(only)))
            cases->list[n++] = cases->list[i];
    }
    cases->n = n;
}

size_t fn_cases_count(const struct fn_cases *cases, enum fn_case_kind kind)
{
    size_t n = 0;

    for (size_t i = 0; i < cases->n; i++)
        n += cases->list[i].kind == kind;
    return n;
}

const char *fn_case_kind_text(enum fn_case_kind kind)
{
    static const char *const texts[FN_CASE_KINDS] = {
        [FN_CASE_SUITE] = "suite",
        [FN_CASE_EXTRA] = "extra",
        [FN_CASE_BATCH] = "batch",
        [FN_CASE_OWN] = "own",
    };

    return texts[kind];
}
