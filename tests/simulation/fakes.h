/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * fakes - what stands in the place of the kernel, the network, the runners and the disk.
 *
 * The product's objects are linked as they are; only the symbols of sys/loop, sys/clock,
 * sys/rand, sys/mailbox, sys/log, net/client, net/server, js/pool, store/store and
 * store/vault come from here. The process under test may die at any moment: from then on
 * the fakes do nothing more for it, so whatever it still does while it is being cleared
 * away is seen by nobody.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "core/outcome.h"
#include "simulation/chance.h"

struct loop;

/* --- sys ---------------------------------------------------------------------------- */

void fake_sys_reset(uint64_t seed);
/* Draws of the product's own (jitter, hash seeds). */
struct chance *fake_sys_chance(void);
/* The process is gone: threads do not wait any more. */
void fake_sys_die(void);
bool fake_sys_is_dead(void);
void fake_sys_revive(void);
/* Begins a turn of the loop: its time is read. */
void fake_loop_turn(struct loop *loop);
/* Runners may crash and hang. */
void fake_sys_let_fail(bool may_fail);
bool fake_sys_may_fail(void);
/* Lines that the product logged at error. */
uint64_t fake_log_n_errors(void);
/* Shows what is logged. */
void fake_log_show(bool is_shown);

/* --- net ---------------------------------------------------------------------------- */

/* What a partner makes of one request. */
struct partner_answer {
    int64_t after_us;
    enum outcome_transport transport;
    int status;
    char retry_after[64];   /* the header's value; empty: none */
    int64_t retry_after_ms; /* what it means, for the oracle */
    bool is_processed; /* the partner did what was asked for, whatever we hear of it */
};
