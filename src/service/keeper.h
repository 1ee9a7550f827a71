/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * keeper - the one who writes: a thread that blocks on purpose.
 *
 * It takes everything that waits, makes it one transaction with one sync, and answers
 * everybody: requests get their 202, courier its parcels and its settlements back. With
 * nothing to do it indexes, checkpoints, retires what is past its retention. When a write
 * or a sync fails it is over: the failure is latched, nobody gets another 2xx, and the
 * process is asked to end (reliability D3).
 */

#include "base/err.h"
#include "service/errand.h"
#include "service/load.h"
#include "service/receipt.h"
#include "service/settlement.h"
#include "service/tally.h"

struct keeper;
struct keyring;
struct mailbox;
struct vault;

struct keeper_options {
    struct store *store; /* owned by keeper from keeper_start to keeper_stop */
    const struct vault *vault;
    struct tally *tally;
    struct mailbox *courier; /* parcels, dues, settlements and loads go here */
    int64_t low_water;       /* of the store, and its next row: see service/watermark.h */
    int64_t next_row;
    int64_t retention_ms;
    /* Called after a request's events are durable, in keeper's thread; may be NULL. */
    void (*stored_fn)(void *arg, const struct receipt *receipt);
    /* Called after an attempt's end is durable. */
    void (*settled_fn)(void *arg, const struct settlement *settlement);
    /* Called once, when the store has failed. */
    void (*failed_fn)(void *arg, const struct err *err);
    void *arg;
};

must_check
struct keeper *keeper_new(const struct keeper_options *options);
void keeper_start(struct keeper *keeper);
/* Writes all that was posted, then ends the thread. What is posted later stays. */
void keeper_stop(struct keeper *keeper);
/* After the stop, when nobody posts any more. The store stays open. */
void keeper_free(struct keeper *keeper);

/* Receipts that came together are committed together; the list is empty then. @is_all:
 * no others can come before these are answered, so that it is no use to wait for them. */
void keeper_receive(struct keeper *keeper, struct list *receipts, bool is_all);
/* Why nothing is to be received now (answer 503), in words for the log; NULL: it may be.
 */
const char *keeper_refusal(struct keeper *keeper);
/* The store has failed: nothing may be promised any more. From any thread. */
bool keeper_has_failed(const struct keeper *keeper);
/* Of the store's files, as of the last second. */
int64_t keeper_store_bytes(struct keeper *keeper);
void keeper_settle(struct keeper *keeper, struct settlement *settlement);
void keeper_load(struct keeper *keeper, struct load *load);
void keeper_errand(struct keeper *keeper, struct errand *errand);
/* Limits that a reload may change. */
void keeper_set_retention(struct keeper *keeper, int64_t retention_ms);
