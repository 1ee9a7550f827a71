/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * ledger - what the store has promised, kept apart from it.
 *
 * One slot for each row number of the sequence of events and replays. What a transaction
 * is about to change is staged; then it is acknowledged (ledger_commit), known to be
 * undone (ledger_undo), or the process ended in the middle (ledger_doubt): then all of it
 * may be there or nothing, and the next comparison tells which.
 *
 * ledger_compare reads the database with SQL of its own: nothing of src/store is asked.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LEDGER_FACTS = 160, LEDGER_FACT_BYTES = 96, LEDGER_USERS = 6 };

enum slot_kind { SLOT_GAP = 0, SLOT_EVENT, SLOT_REPLAY };
/* As in the store's schema, which says them as numbers. */
enum slot_state {
    SLOT_QUEUED = 1,
    SLOT_RETRYING = 3,
    SLOT_DELIVERED = 4,
    SLOT_DISCARDED = 5,
    SLOT_DEAD = 6,
};

struct slot {
    enum slot_kind kind;
    int64_t event; /* the row itself, or whose replay it is */
    int64_t at_ms; /* received, or asked for */
    int64_t key;
    unsigned content; /* whose number it is: see content.h */
    bool has_mark;
    int64_t replay; /* 0: the first delivery */
    enum slot_state state;
    unsigned attempts;
    int64_t next_at_ms;
    int64_t superseded;
    bool may_be_gone, may_be_blank; /* retention, an erasure: at any time from now on */
    bool is_gone, is_blank;         /* and was seen to be */
};

enum {
    TALLY_ACCEPTED,
    TALLY_DUPLICATES,
    TALLY_REPLAYED,
    TALLY_DELIVERED,
    TALLY_DISCARDED,
    TALLY_DEAD,
    TALLY_ATTEMPTS,
    TALLY_N
};

/* What changes whole with every transaction. */
struct ledger_page {
    int64_t tally[TALLY_N];
    int64_t erased_up_to[LEDGER_USERS]; /* 0: never asked for */
    size_t n_facts;
    char facts[LEDGER_FACTS][LEDGER_FACT_BYTES]; /* rows of small tables, as text */
};

struct ledger_undo {
    int64_t row;
    struct slot before;
};

struct ledger {
    struct slot *slots; /* by row; [0] is no row's */
    size_t n_slots, capacity;
    struct ledger_page page, page_before;
    struct ledger_undo *undo;
    size_t n_undo, undo_capacity;
    bool is_open;           /* a transaction is staged */
    bool is_doubted;        /* and nobody knows how it ended */
    int64_t n_acknowledged; /* events */
    int64_t marks_after_ms; /* younger events have to have their dedupe marks */
};

void ledger_reset(struct ledger *ledger);
void ledger_done(struct ledger *ledger);

void ledger_begin(struct ledger *ledger);
/* The slot, to be changed within this transaction. Valid until the next one is asked. */
struct slot *ledger_change(struct ledger *ledger, int64_t row);
const struct slot *ledger_look(const struct ledger *ledger, int64_t row);
/* Adds a row's text, in the place of one that begins with @key when there is one. */
void ledger_fact(struct ledger *ledger, const char *key, const char *text);
void ledger_no_fact(struct ledger *ledger, const char *key);
void ledger_commit(struct ledger *ledger);
void ledger_undo(struct ledger *ledger);
void ledger_doubt(struct ledger *ledger);

bool slot_has_ended(const struct slot *slot);
/* Neither the event's first delivery nor any of its replays is on its way. */
bool ledger_event_has_ended(const struct ledger *ledger, int64_t event);
/* A step of retention or of erasing begins: what it may take with it. */
void ledger_may_retain(struct ledger *ledger, int64_t before_ms);
void ledger_may_erase(struct ledger *ledger);

/* What is wrong with a database, by kind. */
struct findings {
    unsigned lost;     /* acknowledged and not there, or not with its bytes */
    unsigned reverted; /* a delivery stands elsewhere than acknowledged */
    unsigned halves;   /* there without having been acknowledged, or only in part */
    unsigned counters;
    unsigned corrupt; /* what integrity_check says, derived tables that disagree */
    char first[400];  /* in words */
};

unsigned findings_n(const struct findings *findings);

/* Compares all of the database at @path with the ledger, settles a doubt, and remembers
 * what is gone or blank. 1 when a doubted transaction had taken place, else 0. */
int ledger_compare(struct ledger *ledger, const char *path, struct findings *ret);
