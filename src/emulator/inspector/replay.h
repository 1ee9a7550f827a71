/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * replay - a recorded call made again, perhaps edited.
 *
 * It is a request to our own listener, with X-Emulator-Replay, so it is recorded, can
 * be hit by faults and has all its effects. What the inspector hid is not known any
 * more: the credential has to be given again, or be the seeded app's own, and a text in
 * which a mark is left is refused.
 */

#include "base/bytes.h"

struct exchange;
struct inspector_call;

enum replay_credential {
    REPLAY_NOBODY = 0,
    REPLAY_APP,       /* Basic, with the id and secret of apps/1 */
    REPLAY_BEARER,    /* the token given */
    REPLAY_WRITE_KEY, /* the write key given */
};

struct replay { /* borrowed until replay_start returned */
    uint64_t number;
    bool is_public; /* on the Public API's listener */
    struct bytes method, target, body;
    struct bytes headers; /* "Name: value" lines */
    enum replay_credential credential;
    struct bytes secret;
};

/* The call as it was, by whom it was asked. Slices lie in the exchange's arena or are
 * @call's. */
void replay_of(struct exchange *exchange, const struct inspector_call *call,
               struct replay *ret_replay);
/* Why it cannot be made: what is missing, what is still hidden. NULL: it can. */
const char *replay_problem(const struct replay *replay);
/* Called with the lock, with the record of the new call or NULL (it did not get there).
 * Answers @exchange, which is finished afterwards. */
typedef void replay_done_fn(struct exchange *exchange, const struct inspector_call *call);
/* Defers @exchange. @replay has no problem. */
void replay_start(struct exchange *exchange, const struct replay *replay,
                  replay_done_fn *fn);
/* "app", "bearer", "write_key"; others: REPLAY_NOBODY. */
enum replay_credential replay_credential_of(struct bytes text);
