/* SPDX-License-Identifier: MIT */

#include "cli/emulator_settings.h"

#include "cli/call.h"
#include "cli/emulator_child.h"

/* One per line, as the table of the commands has them. */
#define WORLD_FLAGS                                                                      \
    {.name = "host",                                                                     \
     .kind = FLAG_TEXT,                                                                  \
     .value = "ADDRESS",                                                                 \
     .default_text = "127.0.0.1",                                                        \
     .summary = "where to listen; a public one needs --i-know"},                         \
        {.name = "public-api-port",                                                      \
         .kind = FLAG_NUMBER,                                                            \
         .value = "N",                                                                   \
         .summary = "also the Public API, on this port; 0: any free one"},               \
        {.name = "seed",                                                                 \
         .kind = FLAG_NUMBER,                                                            \
         .value = "N",                                                                   \
         .default_text = "1",                                                            \
         .summary = "ids, tokens and faults are the same for the same seed"},            \
        {.name = "clock-rate",                                                           \
         .kind = FLAG_TEXT,                                                              \
         .value = "R",                                                                   \
         .default_text = "1",                                                            \
         .summary = "how fast its time goes; 3600: an hour a second, 0: frozen"},        \
        {.name = "scope",                                                                \
         .kind = FLAG_TEXT,                                                              \
         .value = "SCOPE",                                                               \
         .default_text = "destination/demo",                                             \
         .summary = "of the app"},                                                       \
        {.name = "slug",                                                                 \
         .kind = FLAG_TEXT,                                                              \
         .value = "SLUG",                                                                \
         .default_text = "demo",                                                         \
         .summary = "of the app's destination in the catalog"},                          \
        {.name = "redirect-uri",                                                         \
         .kind = FLAG_TEXT,                                                              \
         .value = "URL",                                                                 \
         .is_repeatable = true,                                                          \
         .summary = "of the app, instead of "                                            \
                    "http://localhost:8888/auth/segment/callback"},                      \
        {.name = "subscription-url",                                                     \
         .kind = FLAG_TEXT,                                                              \
         .value = "URL",                                                                 \
         .default_text = "http://localhost:8888/webhook",                                \
         .summary = "where events go"},                                                  \
        {.name = "strict",                                                               \
         .summary = "answer as documented where Segment was seen to answer otherwise"},  \
        {.name = "redact", .summary = "the Config API masks sensitive settings"},        \
        {.name = "insecure",                                                             \
         .summary = "deliver to https servers whose certificate is not valid"},          \
    {                                                                                    \
        .name = "i-know", .summary = "listen where others can reach it: it has no "      \
                                     "passwords"                                         \
    }

const struct flag emulator_start_flags[] = {
    {.name = "port",
     .kind = FLAG_NUMBER,
     .value = "N",
     .default_text = "8889",
     .summary = "where to listen; 0: any free port"},
    WORLD_FLAGS,
    {.name = NULL},
};

const struct flag emulator_exec_flags[] = {
    {.name = "port",
     .kind = FLAG_NUMBER,
     .value = "N",
     .default_text = "0",
     .summary = "where to listen; 0: any free port"},
    {.name = "scenario",
     .kind = FLAG_TEXT,
     .value = "NAME",
     .summary = "faults to begin with: partnerapp emulator fault scenarios"},
    WORLD_FLAGS,
    {.name = NULL},
};

#define LINK_FLAGS                                                                       \
    {.name = "port",                                                                     \
     .kind = FLAG_NUMBER,                                                                \
     .value = "N",                                                                       \
     .summary = "where the running one listens on this machine"},                        \
    {                                                                                    \
        .name = "emulator-url", .kind = FLAG_TEXT, .value = "URL",                       \
        .environment = "PARTNERAPP_EMULATOR_URL", .summary = "where the running one is"  \
    }

const struct flag emulator_link_flags[] = {
    LINK_FLAGS,
    {.name = NULL},
};

const struct flag emulator_env_flags[] = {
    LINK_FLAGS,
    {.name = "format",
     .kind = FLAG_CHOICE,
     .value = "FORMAT",
     .choices = "sh json",
     .default_text = "sh",
     .summary = "sh: for eval; or json"},
    {.name = NULL},
};

const struct flag emulator_fault_flags[] = {
    LINK_FLAGS,
    {.name = "status",
     .kind = FLAG_NUMBER,
     .value = "N",
     .summary = "answer with this status"},
    {.name = "code",
     .kind = FLAG_NUMBER,
     .value = "N",
     .summary = "the code in that answer, by default the one of its status"},
    {.name = "body",
     .kind = FLAG_TEXT,
     .value = "TEXT",
     .summary = "the body of that answer: JSON or text"},
    {.name = "delay",
     .kind = FLAG_TEXT,
     .value = "TIME",
     .summary = "wait before the answer: 2s, or 2s..6s"},
    {.name = "what",
     .kind = FLAG_TEXT,
     .value = "WHAT",
     .summary = "another kind: hang, close, cut, bad_json, duplicate, token_expired …"},
    {.name = "after-bytes",
     .kind = FLAG_NUMBER,
     .value = "N",
     .summary = "of cut: how much of the body is sent"},
    {.name = "for",
     .kind = FLAG_DURATION,
     .value = "TIME",
     .summary = "ends by itself after this time of the local Segment's clock"},
    {.name = "times",
     .kind = FLAG_NUMBER,
     .value = "N",
     .summary = "ends by itself after it has happened so often"},
    {.name = "percent",
     .kind = FLAG_NUMBER,
     .value = "N",
     .default_text = "100",
     .summary = "how many of the calls it hits"},
    {.name = "method",
     .kind = FLAG_TEXT,
     .value = "METHOD",
     .summary = "only calls with this method"},
    {.name = "path",
     .kind = FLAG_TEXT,
     .value = "TEXT",
     .summary = "only calls whose path has this in it"},
    {.name = NULL},
};

/* Those that partnerapp-emulator knows under the same name. --data is one that every
 * command has: only a typed one makes the local Segment keep anything. */
static const char *const passed[] = {
    "host",  "public-api-port",  "seed",   "clock-rate", "scope",  "slug",
    "data",  "subscription-url", "strict", "insecure",   "i-know", "redirect-uri",
    "redact"};

void emulator_settings_pass(struct call *call, int64_t port,
                            struct emulator_flags *ret_flags)
{
    emulator_flags_init(ret_flags, &call->arena, call->n_values + 8);
    emulator_flags_addf(ret_flags, "port", "%lld", (long long)port);
    for (size_t i = 0; i < call->n_values; i++) {
        const struct call_value *value = &call->values[i];
        const bool is_switch = value->flag->kind == FLAG_SWITCH;

        for (size_t j = 0; j < COUNT(passed); j++) {
            if (strcmp(value->flag->name, passed[j]) == 0)
                emulator_flags_add(ret_flags, passed[j], is_switch ? NULL : value->text);
        }
    }
}
