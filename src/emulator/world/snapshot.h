/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * snapshot - a whole world as one JSON document, and back.
 *
 *   {"format":"partnerapp-emulator-snapshot","version":1,
 *    "tables":{"app":{"columns":["id",…],"rows":[[1,…],…]},…}}
 *
 * Every table of files/schema.sql but those marked "-- not in snapshots", whatever they
 * are; clock and counters lie in the table world. Cells are whole numbers, texts, null,
 * or
 * {"hex":"…"}. What attempts are under way is told as waiting. Secrets are in it in the
 * clear: it is a file for tests.
 */

#include "base/attr.h"

struct err;
struct json;
struct world;
struct write;

void snapshot_write(struct world *world, struct write *write);
/* All of it is judged before anything is changed; -1 with a sentence, and the world is as
 * it was. Tables that are not named become empty. */
must_check
int snapshot_load(struct world *world, const struct json *json, struct err *err);
