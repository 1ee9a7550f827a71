/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * courier - the one who delivers: an event loop that knows what is due.
 *
 * Keeper posts what was stored; courier takes turns between subscriptions, minds limits,
 * breakers and pauses, runs functions in the runner pool, makes every outgoing request,
 * and sends each attempt's end back to keeper. Nothing here is the truth: whatever is
 * lost with the process is found in the store at the next start.
 */

#include "service/due.h"
#include "service/service.h"
#include "service/snapshot.h"
#include "service/tally.h"

struct courier;
struct keeper;
struct keyring;
struct live;
struct mailbox;
struct pool_stats;
struct write;

struct courier_options {
    struct keyring *keyring;
    struct tally *tally;
    struct live *live;
    const struct config *config; /* runners: fixed for the process */
    const char *runner;
    bool is_dev; /* functions reload when their file changes */
    void (*notice_fn)(void *arg, struct service_notice *notice);
    void *notice_arg;
};

must_check
struct courier *courier_new(const struct courier_options *options);
/* Where keeper posts. */
struct mailbox *courier_box(struct courier *courier);
/* Before the start: an endpoint that was paused when the service last ran. */
void courier_was_paused(struct courier *courier, struct bytes host);
/* @keeper NULL: only to see whether courier_use would take a snapshot. */
void courier_start(struct courier *courier, struct keeper *keeper);
/* As the stop below, but orders are still done, and parcels taken: whoever waits for the
 * end of one is told that it is stored. Before the stop, while events still come in. */
void courier_rest(struct courier *courier, int64_t grace_ms);
/* No new attempts; what is under way may end within @grace_ms, the rest is dropped (it is
 * still unsettled in the store). Returns when keeper has everything. */
void courier_stop(struct courier *courier, int64_t grace_ms);
/* After keeper's stop, while the listeners still run: takes what was posted meanwhile and
 * answers everybody who waits in courier. Nothing may be posted any more. */
void courier_clear(struct courier *courier);
void courier_free(struct courier *courier);

/*
 * Takes over a snapshot: loads every function, and when all are good starts to use it.
 * Blocks until then. -1 with the function's error: nothing changed. @is_lenient (dev's
 * start): subscriptions whose function is broken wait for a good one, and it returns 0.
 */
must_check
int courier_use(struct courier *courier, struct snapshot *snapshot, bool is_lenient,
                struct err *err);

/* Something to be done in courier's thread by whoever asks: it answers by itself. */
struct order {
    struct mail mail;
    void (*run_fn)(struct courier *courier, struct order *order); /* owns the order */
};
void courier_order(struct courier *courier, struct order *order);
/* The wall time has jumped, stopped or changed its pace (sys/clock.h). */
void courier_retime(struct courier *courier);

/* --- for orders: courier's thread only --------------------------------------------- */

struct host;
struct buf;
/* Adds the JSON objects of all endpoints, or of one; returns how many. */
size_t courier_print_endpoints(struct courier *courier, const char *name,
                               struct buf *ret_json);
/* The endpoint's whole name, for @host may be less (hosts_find); NULL: there is none. */
must_check
const char *courier_pause(struct courier *courier, struct bytes host, bool is_paused);
/* How the endpoint is; all zero when there is no such one. */
struct courier_endpoint {
    int last_status;
    bool is_failing;
    int64_t last_success_ms; /* wall; 0 never */
};
void courier_endpoint(struct courier *courier, struct bytes name,
                      struct courier_endpoint *ret_endpoint);
/* Of all functions; returns how many. */
size_t courier_print_functions(struct courier *courier, struct buf *ret_json);
/* The members of one, by its subscription's name, and the store's number of the version
 * that is in service (0: none is). False when there is no such function. */
must_check
bool courier_write_function(struct courier *courier, struct bytes name,
                            struct write *json, int64_t *ret_version);
/* Loads its file as it is now and takes it into service if it is good; @fn is called
 * later in this thread, with why it is not. False when there is no such function. */
must_check
bool courier_deploy(struct courier *courier, struct bytes name,
                    void (*fn)(void *arg, const struct err *err), void *arg);
void courier_stats(const struct courier *courier, struct pool_stats *ret_stats);
const char *courier_sandbox(const struct courier *courier);
/* "namespaces, landlock, …": what is in force; empty before the first runner. */
void courier_sandbox_layers(const struct courier *courier, char *ret_text, size_t size);
/* One GET to the endpoint's URL; @fn is called later in this thread. False when no
 * subscription has an endpoint on that host. */
struct client_response;
must_check
bool courier_ping(struct courier *courier, struct bytes host,
                  void (*fn)(void *arg, const struct client_response *response),
                  void *arg);
