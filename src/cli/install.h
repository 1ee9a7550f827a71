/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * install - what the commands about installs share: which one is meant, and how one
 * looks (interface §6, rows of installs).
 *
 * An install is what Segment calls it, "installs/7"; 7 alone is understood as well.
 */

#include "base/buf.h"

struct api;
struct call;
struct err;
struct json;

enum { INSTALL_PATH_BYTES = 256, INSTALL_TEXT_BYTES = 4 << 20 };

/* The number in "7" or "installs/7"; -1 (exit 2) for anything else. */
must_check
int install_number(const char *text, int64_t *ret_number, struct err *err);
/* "/api/v1/installs/7" and @verb ("", "/sync"). */
void install_path(int64_t number, const char *verb, struct buf *ret_path);
/* The number of a row of the admin API; 0: none. */
int64_t install_number_of(const struct json *row);
/* The text of a member that may be absent, null or of another kind. */
struct bytes install_text(const struct json *row, const char *member);
/* The only install there is, for commands that need not be told: -1 when there are
 * several (exit 2) or none (exit 5). */
must_check
int install_only(const struct api *api, int64_t *ret_number, struct err *err);
/* Asks about the install of the first argument: POST, GET or DELETE. *ret_text is the
 * answer as it came. */
must_check
int install_ask(const struct call *call, const char *method, const char *verb,
                struct bytes body, struct buf *ret_text, struct err *err);
/* Prints it, member by member; nested ones as JSON. */
void install_print(const struct call *call, const struct json *row);
/* Prints the differences that a sync found; false: there are none. */
bool install_print_drift(const struct call *call, const struct json *answer);
