/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * emulator - the local Segment as one object: listeners, the delivering thread, worlds.
 *
 * Three threads. Each listener's own runs the handlers of requests (route.h) to their
 * end; the emulator's own loop does what takes time: deliveries, alarms, functions.
 * Everything they share, which is every world, lies under one lock: a handler and a
 * callback have it from beginning to end, nobody waits for the network with it. So there
 * are no other rules about threads.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/heap.h"
#include "base/list.h"
#include "base/map.h"

struct client;
struct egress;
struct emulator;
struct err;
struct loop;
struct pool;
struct server;
struct shelf;
struct world;

struct emulator_options {
    const char *host; /* "127.0.0.1" */
    int port;         /* 0: any; see emulator_port() */
    int public_port;  /* of the Public API; -1: none, 0: any */
    const char *data; /* folder (exists) of the database; NULL: in memory */
    uint64_t seed;
    double clock_rate;  /* 1 */
    const char *runner; /* path of partnerapp-runner */
    bool may_skip_tls;  /* deliver to servers whose certificate does not verify */
    /* Of the seeded app; NULL: "demo", "destination/<slug>", the usual address. */
    const char *slug, *scope;
    const char *const *redirect_uris;
    size_t n_redirect_uris;
    const char *subscription_url; /* NULL: http://localhost:8888/webhook */
    bool is_strict; /* documented instead of observed where the two differ */
    bool redacts;   /* the Config API shows no sensitive settings */
};

enum { EMULATOR_MAX_WORLDS = 64 };

/* Binds and starts. -1: port in use (exit 6), data folder not usable, … */
must_check
int emulator_start(const struct emulator_options *options, struct emulator **ret_emulator,
                   struct err *err);
int emulator_port(const struct emulator *emulator);
int emulator_public_port(const struct emulator *emulator); /* -1: none */
/* Finishes what is being answered, then ends. */
void emulator_stop(struct emulator *emulator);
/* The lock, for the outside (main's environment line). Others have it already. */
void emulator_enter(struct emulator *emulator);
void emulator_leave(struct emulator *emulator);
/* Likewise, for handlers, alarms and callbacks that never undo (world_abort) and so may
 * share a transaction (world_leave_open): nothing that waits is committed on the way in,
 * and on the way out only what would be lost. */
void emulator_enter_open(struct emulator *emulator);
void emulator_leave_open(struct emulator *emulator);
/* Commits what the calls before have left open; emulator_enter does. */
void emulator_commit(struct emulator *emulator);
/* The world everybody uses who does not name another. */
struct world *emulator_world(struct emulator *emulator);

/* --- for the other files of this folder, with the lock ------------------------------ */

/* The insides that more than one file needs. */
struct emulator_parts {
    struct loop *loop; /* only in the emulator's own thread: callbacks and alarms */
    struct client *client;
    struct pool *pool;
    struct egress *egress; /* loopback and global addresses */
    struct heap *alarms;   /* real delays */
    struct map *worlds;
    struct shelf *shelf;  /* loaded code of functions (shelf.h); NULL: no runner */
    struct list attempts; /* under way (attempt.h) */
    struct list deferred; /* exchanges that are owed an answer (exchange.h) */
};
struct emulator_parts *emulator_parts(struct emulator *emulator);
const struct emulator_options *emulator_options(const struct emulator *emulator);
/* Has the loop look at its alarms again. */
void emulator_wake(struct emulator *emulator);
/* Ends a private world: nobody finds it any more, and its memory goes soon, in the
 * emulator's own thread. False, and it stays: it is everybody's. */
must_check
bool emulator_end_world(struct emulator *emulator, struct world *world);
/* May what belongs to the loop (client, pool) be touched here? In its own thread, and
 * when it does not run: everybody else sets an alarm. */
bool emulator_is_in_loop(const struct emulator *emulator);
/* No new work: the loop has ended or is about to. */
bool emulator_is_stopping(const struct emulator *emulator);
/* The world of this name, made and seeded when it is new. NULL: too many. */
struct world *emulator_find_world(struct emulator *emulator, struct bytes name);
