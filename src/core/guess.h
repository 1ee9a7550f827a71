/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * guess - how often a password may be tried (reliability CO-1).
 *
 * A try is looked at (which costs 20 ms of a processor) when all of these allow it:
 *
 *   pair     one address at one account: GUESS_FREE tries, then a pause that doubles
 *            from 2 s to GUESS_PAUSE_MS; forgotten after GUESS_FORGET_MS without a try
 *   account  from all addresses: 10, and 90 more in an hour
 *   address  at all accounts: 30, and 360 more in an hour
 *   all      20, and 2 more each second
 *
 * Who has signed in to this account from here before (the caller knows: a cookie) is not
 * counted with the strangers: only pair, and a count of all such, hold it up. So nobody
 * can lock out another by guessing. One address alone cannot use up an account's tries
 * either, since its own pauses grow faster.
 *
 * Accounts and addresses are any bytes; names that nobody has are counted as others are.
 * What is kept is bounded by GUESS_MAX entries a kind, and all that could matter fits in,
 * because the last line bounds how many tries there are: what is forgotten early is only
 * what has no effect any more. Not thread-safe; the time is monotonic.
 */

#include "base/bytes.h"

struct guess;

enum {
    GUESS_FREE = 5,
    GUESS_PAUSE_MS = 10 * 60 * 1000,
    GUESS_FORGET_MS = 60 * 60 * 1000,
    GUESS_MAX = 16384,
};

struct guess_try {
    struct bytes account, address;
    bool is_known; /* this browser has signed in to the account before */
};

enum guess_verdict { GUESS_LATER = 0, GUESS_LOOK };

must_check
struct guess *guess_new(const uint64_t seed[2]);
void guess_free(struct guess *guess);
/* GUESS_LOOK: counted as a failure until guess_right says otherwise. GUESS_LATER: not
 * counted; *ret_wait_ms (≥ 1) is when it may be asked again. */
must_check
enum guess_verdict guess_ask(struct guess *guess, const struct guess_try *try,
                             int64_t now_ms, int64_t *ret_wait_ms);
/* The password was right: this pair begins anew, and the try counts for neither account
 * nor address (but for all: it cost as much). */
void guess_right(struct guess *guess, const struct guess_try *try);
