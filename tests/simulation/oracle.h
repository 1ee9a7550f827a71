/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * oracle - the small reference model, and what must hold at every moment.
 *
 * It watches from outside: what customers were told, what became durable, which requests
 * reached which partner and what they were answered. It has rules of its own for what may
 * follow and shares none of the product's code for them, so a mistake must be made twice
 * to stay hidden. The names of the invariants are those of docs/explain/simulation.md.
 */

#include "base/attr.h"
#include "simulation/fake_store.h"
#include "simulation/fakes.h"
#include "simulation/options.h"

struct tally;

void oracle_reset(const struct options *options);
void oracle_done(void);
/* Prints what is wrong and how to see it again, and ends the program. */
printf_like(2, 3) noreturn_fn
    void oracle_fail(const char *invariant, const char *format, ...);
/* How many things were compared. */
uint64_t oracle_n_checks(void);

/* --- customers ---------------------------------------------------------------------- */

struct model_event { /* what a customer has to say */
    uint64_t serial;
    int line;
    int64_t key;
    int64_t message; /* its messageId, 0: none; another event may have the same */
    uint64_t twin;   /* another customer's event with the same bytes; 0: none */
    char *payload;   /* owned */
    size_t len;
    bool is_told; /* "accepted" */
};
/* Takes the payload; serials begin at 1. */
uint64_t oracle_add_event(const struct model_event *event);
struct model_event *oracle_event(uint64_t serial);
uint64_t oracle_n_events(void); /* serials are not above it */
/* The customer of these events was answered 2xx (in mode inline also others). */
void oracle_told(const uint64_t *serials, size_t n_serials, int status);

/* --- the store ---------------------------------------------------------------------- */

/* What is now in a row is on stable storage; before it was so. */
void oracle_durable(int64_t number, const struct fake_row *before);
/* All of a transaction, and with it these counts. */
void oracle_committed(const struct store_tally *tally);
/* The process ends in the middle of what it does. */
void oracle_process_dies(void);

/* --- the process -------------------------------------------------------------------- */

void oracle_started(struct tally *tally);
void oracle_died(void);
void oracle_configured(const struct line_options *lines);
void oracle_paused(int number, bool is_paused);
bool oracle_is_paused(int number);
void oracle_wall_jumped(void);
void oracle_turn_ends(void);

/* --- requests ----------------------------------------------------------------------- */

/* A request of subscription @number for delivery @row goes out; a function's own has row
 * 0. */
void oracle_request_begins(int number, int64_t row, struct bytes body);
void oracle_request_ends(int number, int64_t row, struct bytes body,
                         const struct partner_answer *answer);
/* It was cancelled: nobody heard what became of it. */
void oracle_request_drops(int number, int64_t row);

/* --- the end ------------------------------------------------------------------------ */

/* Faults are over: how long it may take until everything has ended. */
int64_t oracle_healed(void);
/* Everything that was accepted has ended. */
bool oracle_is_done(void);
/* It has not, and should have. */
noreturn_fn void oracle_fail_late(void);
/* What must hold when it has. */
void oracle_finish(void);
