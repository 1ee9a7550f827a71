/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * inside - the writer as its own files see it. Nobody else includes this.
 */

#include "store/dedupe.h"
#include "store/erase.h"
#include "store/marks.h"
#include "store/sql.h"
#include "store/store.h"

/* Where the round over all erasures has come to. */
struct erase_round {
    int64_t erasure;   /* this one's turn, or the next one's above; 0: a new round */
    int64_t after_row; /* the last of its user's events that was looked at */
    bool has_waiting;  /* one of those is still on its way */
    bool has_changed;  /* something in this round: empty the log at its end */
};

struct store {
    struct sql *sql;
    char *path;
    int lock_fd;
    struct store_options options;
    int64_t last_row;     /* of the sequence of events and replays */
    int64_t last_key_row; /* handed out; so are the next two */
    int64_t last_attempt_row;
    int64_t last_install_row;
    int64_t indexed;     /* every event up to it is in filed, span and mark */
    int64_t retain_from; /* where the next retain step looks; 0: at the start */
    bool has_erasures;   /* false: the table is empty */
    struct erase_round round;
    struct marks tail;    /* marks of the events above indexed */
    struct dedupe dedupe; /* marks of the others */
    bool is_log_moved;    /* nothing was written since a whole checkpoint */
    uint64_t n_syncs_moved;
    struct buf scratch; /* of an event that is read */
    int64_t room_asked_ms, place_asked_ms;
    bool had_room;
};

/* Runs @step inside a transaction of its own: committed when it returns 0, rolled back
 * when -1. A full disk is an err here. */
typedef int store_step_fn(struct store *store, void *arg, struct err *err);
must_check
int store_transact(struct store *store, store_step_fn *step, void *arg, struct err *err);
