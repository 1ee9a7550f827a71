/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * fn_case - what `fn test` runs: the Developer Center's eight events in its order and
 * with its names (dossier §3.10), alias and delete which that suite forgot, all of them
 * as one batch for onBatch, and the function's own tests.
 *
 * A file of functions/NAME/tests/ is one test:
 *
 *     {"name": "a track call becomes a note",
 *      "event": {…}, or {event, settings, version}, or a list of events: a batch,
 *      "request": {body, headers, …} instead of an event, for source functions,
 *      "settings": {…}, "answers": [mocks, fn_mock.h],
 *      "expect": {"outcome", "error", "result", "requests", "logs"} (fn_expect.h)}
 */

#include "base/arena.h"
#include "js/pool.h"

struct err;
struct fn_code;
struct json;

enum fn_case_kind {
    FN_CASE_SUITE = 0,
    FN_CASE_EXTRA, /* alias, delete */
    FN_CASE_BATCH,
    FN_CASE_OWN,
    FN_CASE_KINDS,
};

/* All but the last four members lie in the list's arena. */
struct fn_case {
    enum fn_case_kind kind;
    enum pool_entry entry;
    unsigned number;  /* in the list, from 1 */
    const char *type; /* "PAGE" */
    const char *name;
    const char *path;                    /* of an own test's file; else NULL */
    const struct json *event, *settings; /* settings may be NULL */
    const struct json *answers, *expect; /* of own tests; NULL: none given */
};

struct fn_cases {
    struct arena arena;
    struct json **documents;
    size_t n_documents;
    struct fn_case *list;
    size_t n;
};

/* Those for a @code that has been loaded. -1: a test is no test. End with fn_cases_done,
 * also after -1. */
must_check
int fn_cases_read(struct fn_cases *cases, struct fn_code *code, struct err *err);
void fn_cases_done(struct fn_cases *cases);
/* Leaves only those that @only means: a number, a type, a part of a name; NULL: all. */
void fn_cases_choose(struct fn_cases *cases, const char *only);
size_t fn_cases_count(const struct fn_cases *cases, enum fn_case_kind kind);
const char *fn_case_kind_text(enum fn_case_kind kind); /* "suite", "extra", … */
