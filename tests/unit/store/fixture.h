/* SPDX-License-Identifier: MIT */
#pragma once

/* fixture - a store in a folder of its own, which goes with the test. */

#include "lib/cm.h"

#include "base/err.h"
#include "store/store.h"

enum { FIXTURE_WINDOW_MS = 600000 };

/* What a program of version 6 would have instead. */
#define FIXTURE_VERSION_6                                                                \
    "DROP TABLE filed; DROP TABLE mark; DROP TABLE mark_block; DROP TABLE mark_left;"    \
    "CREATE INDEX search_name ON search (name) WHERE name IS NOT NULL;"                  \
    "CREATE INDEX search_user ON search (user) WHERE user IS NOT NULL;"                  \
    "CREATE INDEX search_anonymous ON search (anonymous) WHERE anonymous IS NOT NULL;"

struct fixture {
    char folder[64];
    char path[96];
    struct store *store;
    struct err err;
};

int fixture_up(void **state); /* an open, empty store */
int fixture_down(void **state);
void fixture_reopen(struct fixture *fixture);

/* Fails the test with the err's sentence unless @result is @want. */
#define expect(fixture, want, call)                                                      \
    fixture_expect((fixture), (want), (call), #call, __FILE__, __LINE__)
void fixture_expect(struct fixture *fixture, int want, int got, const char *call,
                    const char *file, int line);

/* One event with this payload, and a mark of its own when @mark is not 0; its row. Inside
 * a transaction. */
int64_t fixture_event(struct fixture *fixture, const char *payload,
                      int64_t received_at_ms, unsigned mark);
/* Likewise without a mark, sent with the key of this row. */
int64_t fixture_keyed_event(struct fixture *fixture, const char *payload,
                            int64_t received_at_ms, int64_t key);
struct dedupe_mark fixture_mark(unsigned number);
/* The event's first delivery, in this state. */
void fixture_settle(struct fixture *fixture, int64_t event, enum delivery_state state);
void fixture_begin(struct fixture *fixture);
void fixture_commit(struct fixture *fixture);
void fixture_index(
    struct fixture *fixture); /* all that is there: numbers end with a slice */
/* An event of this user in a transaction of its own, its first delivery in this state
 * (DELIVERY_NONE: none yet); its row. */
int64_t fixture_bought(struct fixture *fixture, int64_t received_at_ms,
                       enum delivery_state state, const char *user);
/* Closes the store and changes it behind its back. */
void fixture_change(struct fixture *fixture, const char *literal);
/* A statement for sqlite3's own shell of truth, on a second connection; its number. */
int64_t fixture_ask(struct fixture *fixture, const char *literal);
