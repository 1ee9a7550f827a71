/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * jobs - long work that the service does by itself, and how far it is: replays, exports.
 *
 * In the desk's thread, but for what is written.
 */

#include "base/err.h"
#include "store/reader.h"

struct write;

/* {"id","kind","state","q","matched","done","delivered","failed","created_at"} */
void jobs_write(struct write *json, const struct reader_replay *replay);

/* The same without "delivered" and "failed", with "bytes" and "error"; "matched" is null
 * where it is not known. */
struct store_export;
void jobs_write_export(struct write *json, const struct store_export *export);

enum { JOBS_WATCHED = 16 };
struct jobs_watch { /* zeroed: knows none */
    bool has_begun;
    int64_t last_row; /* newest that was seen */
    struct {
        int64_t row, n_done;
    } running[JOBS_WATCHED];
    size_t n_running;
};
/* Calls @fn for each job that is new or has moved since the last look; the first look
 * tells those that run. */
must_check
int jobs_look(struct jobs_watch *watch, struct reader *reader,
              void (*fn)(void *arg, const struct reader_replay *replay), void *arg,
              struct err *err);
