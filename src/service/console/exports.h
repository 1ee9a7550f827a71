/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * exports - events into a file, as work of the service: whoever asked may go and come
 * again for it.
 *
 * A thread of its own with its own connection takes turns between those that run, a page
 * each, and saves how far each is every megabyte: after a restart it goes on there. Files
 * are DATA/exports/N.ndjson, for our eyes only, and go a day after they were whole. None
 * is begun, and one that runs ends, when the disk has little room left: events need it
 * more.
 */

#include "base/arena.h"
#include "store/exports.h"

struct exports;
struct site;
struct store;

enum { EXPORTS_RUNNING = 4, EXPORTS_KEPT = 20, EXPORTS_KEPT_MS = 24 * 60 * 60 * 1000 };

must_check
int exports_new(const char *data, struct exports **ret_exports, struct err *err);
/* Before keeper has the store. */
must_check
int exports_load(struct exports *exports, struct store *store, struct err *err);
must_check
int exports_start(struct exports *exports, struct site *site, const char *store_path,
                  struct err *err);
/* NULL is fine, here and below. Before keeper's stop. */
void exports_stop(struct exports *exports);
void exports_free(struct exports *exports);

/* --- from any thread ---------------------------------------------------------------- */

enum exports_verdict {
    EXPORTS_NO_ROOM = 0, /* on the disk */
    EXPORTS_TOO_MANY,
    EXPORTS_BEGUN,
};
/* An export that may begin holds a place from here until exports_add or exports_cancel;
 * the oldest file goes where there are too many. */
must_check
enum exports_verdict exports_reserve(struct exports *exports);
/* One that keeper has stored. */
void exports_add(struct exports *exports, const struct store_export *row);
void exports_unreserve(struct exports *exports);
/* False: there is none with this row and time. Texts in @arena. */
must_check
bool exports_find(struct exports *exports, int64_t row, int64_t created_at_ms,
                  struct arena *arena, struct store_export *ret_export);
/* Ends it, and removes its file. False: there is none. */
must_check
bool exports_remove(struct exports *exports, int64_t row, int64_t created_at_ms);
/* A descriptor of its whole file; -1: it is not there (any more). */
must_check
int exports_open(struct exports *exports, int64_t row);
/* Of the disk that the files are on; -1: not known. */
int64_t exports_free_bytes(const struct exports *exports);
/* The newest first, at most EXPORTS_KEPT + EXPORTS_RUNNING. Texts in @arena. */
struct exports_list {
    struct store_export list[EXPORTS_KEPT + EXPORTS_RUNNING];
    size_t n;
};
void exports_list(struct exports *exports, struct arena *arena,
                  struct exports_list *ret_list);
/* Calls @fn for each that has moved since the last call. */
void exports_each_moved(struct exports *exports,
                        void (*fn)(void *arg, const struct store_export *export),
                        void *arg);
