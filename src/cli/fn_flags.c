/* SPDX-License-Identifier: MIT */

#include "cli/fn_flags.h"

/* How code is loaded. */
#define LOAD_FLAGS                                                                       \
    {.name = "generation",                                                               \
     .kind = FLAG_CHOICE,                                                                \
     .value = "WHICH",                                                                   \
     .choices = "auto custom subscription functions",                                    \
     .default_text = "auto",                                                             \
     .summary = "whose interface the code is written for"},                              \
    {                                                                                    \
        .name = "allow-eval", .summary = "let the code use eval() and new Function()"    \
    }
/* What it is given, and who answers it. */
#define PLAY_FLAGS                                                                       \
    {.name = "settings",                                                                 \
     .kind = FLAG_TEXT,                                                                  \
     .value = "JSON|@FILE",                                                              \
     .summary = "the customer's settings, an object"},                                   \
    {                                                                                    \
        .name = "live", .summary = "send requests for real; else mocks or 200 {} answer" \
    }

const struct flag fn_check_flags[] = {LOAD_FLAGS, {.name = NULL}};

const struct flag fn_run_flags[] = {
    {.name = "event",
     .kind = FLAG_PATH,
     .value = "FILE",
     .summary = "the event, or {event, settings, version}; - is standard input; without "
                "it: a track event"},
    {.name = "request",
     .kind = FLAG_PATH,
     .value = "FILE",
     .summary = "for source functions: {body, headers, url, …}, or a body"},
    PLAY_FLAGS,
    LOAD_FLAGS,
    {.name = NULL},
};

const struct flag fn_test_flags[] = {
    {.name = "only",
     .kind = FLAG_TEXT,
     .value = "N|NAME",
     .summary = "one test: its number, its type, or a part of its name"},
    {.name = "watch",
     .summary = "run again whenever the code, a test or a mock is saved"},
    {.name = "record",
     .summary = "write what happens as tests into functions/NAME/tests"},
    {.name = "force", .summary = "with --record: write tests anew that are there"},
    {.name = "strict", .summary = "an event that is not supported is a failure"},
    {.name = "junit",
     .kind = FLAG_PATH,
     .value = "FILE",
     .summary = "write a JUnit report too"},
    PLAY_FLAGS,
    LOAD_FLAGS,
    {.name = NULL},
};

const struct flag fn_new_flags[] = {
    {.name = "template",
     .kind = FLAG_TEXT,
     .value = "TEMPLATE",
     .default_text = "hello",
     .summary = "what to begin with"},
    {.name = "list", .summary = "show the templates"},
    {.name = NULL},
};

const struct flag lambda_package_flags[] = {
    {.name = "output",
     .letter = 'o',
     .kind = FLAG_PATH,
     .value = "FILE",
     .summary = "the zip; what is there is replaced; without it NAME.zip"},
    {.name = "handler",
     .kind = FLAG_PATH,
     .value = "PROGRAM",
     .summary = "instead of a function: a program that speaks the Runtime API"},
    LOAD_FLAGS,
    {.name = NULL},
};
