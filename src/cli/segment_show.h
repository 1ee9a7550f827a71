/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * segment_show - what Segment's APIs answered, for people and for programs.
 *
 * For programs it is the API's own document without its white space, one a line. For
 * people lists are tables and resources their members; settings that hold a secret, by
 * type or by name, are "••••" (v1beta sends them in clear).
 */

#include "core/segment_api.h"

struct call;
struct json;

/* --json: on one line; else indented. Text that is no JSON as it is. */
void segment_show_json(const struct call *call, struct bytes body);
/* @rows of a LIST. */
void segment_show_list(const struct call *call, const struct segment_target *target,
                       const struct json *rows);
void segment_show_one(const struct call *call, const struct json *row);
