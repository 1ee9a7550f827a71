/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * emulator_link - requests to the controls of a running local Segment (interface §9).
 *
 * Where it listens: --emulator-url (or $PARTNERAPP_EMULATOR_URL, which `emulator exec`
 * sets), --port, else DATA/emulator.url (written while it runs, by `dev` and by `emulator
 * start --data`), else http://127.0.0.1:8889. One that does not answer is PA8010, exit 7.
 */

#include "base/buf.h"

struct call;
struct err;
struct json;

#define EMULATOR_PORT_DEFAULT 8889

struct emulator_link {
    char base[256]; /* "http://127.0.0.1:8889", no slash at the end */
};

must_check
int emulator_link_open(struct emulator_link *link, const struct call *call,
                       struct err *err);
/* A request to @path ("/_emulator/state"); a status of 400 and above is a failure with
 * what it said. *ret_json is the answer; empty: NULL. */
must_check
int emulator_link_ask(const struct emulator_link *link, const char *method,
                      const char *path, struct bytes body, struct json **ret_json,
                      struct err *err);
/* The same, with the answer's text (a snapshot). */
must_check
int emulator_link_ask_text(const struct emulator_link *link, const char *method,
                           const char *path, struct bytes body, struct buf *ret_text,
                           struct err *err);
/* DATA/emulator.url: "" and false when the path is too long. */
bool emulator_link_file(const char *data, char *ret_path, size_t size);
