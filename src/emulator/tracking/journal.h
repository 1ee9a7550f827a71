/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * journal - the last events of each source, for the debugger (ux §4.4).
 *
 * Bounded memory: JOURNAL_EVENTS a world, the oldest goes. What is here was taken by the
 * Tracking API, good or discarded, as it was sent and as it was stamped.
 */

#include "base/list.h"
#include "segment/ingest.h"

struct journal;
struct world;

enum { JOURNAL_EVENTS = 1000 };

struct journal_entry {
    uint64_t number;  /* rises by one an event, from 1 */
    int64_t at_ms;    /* of the world's clock */
    char source[192]; /* name; "": unknown write key */
    enum ingest_verdict verdict;
    bool is_duplicate; /* same messageId: taken, not delivered again */
    enum event_kind kind;
    char title[96];
    char message_id[104];
    struct bytes sent;       /* as it came */
    struct bytes stamped;    /* empty when it was discarded */
    unsigned n_destinations; /* that it went to */
};

must_check
struct journal *journal_new(struct world *world);
void journal_free(struct journal *journal);
void journal_clear(struct journal *journal);
/* Copies @entry but for its number, which it gives. */
void journal_add(struct journal *journal, const struct journal_entry *entry);
/* Newest first: pass NULL for the first; NULL at the end. @source empty: of all. */
const struct journal_entry *journal_next(const struct journal *journal,
                                         const struct journal_entry *after,
                                         struct bytes source);
const struct journal_entry *journal_find(const struct journal *journal, uint64_t number);
/* Who wants to know of each new entry (the live stream). @entry NULL: the journal ends,
 * and with it the listening. Embedded; zero but for fn and arg. */
typedef void journal_fn(void *arg, const struct journal_entry *entry);
struct journal_listener {
    struct list_link link;
    journal_fn *fn;
    void *arg;
};
void journal_listen(struct journal *journal, struct journal_listener *listener);
void journal_unlisten(struct journal *journal, struct journal_listener *listener);
