/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * install - one app authorised on one workspace, and the tokens it got for that (dossier
 * §6.6, §6.7).
 *
 *   installed ──▶ revoked      by the customer, or because a code was used twice
 *
 * A revoked one has no tokens any more and never comes back; what it has made stays.
 */

#include "base/arena.h"
#include "emulator/world/invent.h"

struct exchange;

enum { INSTALL_TOKEN_LIFE_S = 3600 };

struct install { /* texts lie in the arena it was read into */
    int64_t id;
    int64_t app;
    struct bytes workspace;     /* slug */
    struct bytes source;        /* name; only of scope destination/<slug> */
    struct bytes scope, person; /* person: email */
    bool is_revoked;
};

/* Is there one that is not revoked? */
must_check
bool install_exists(struct world *world, int64_t app, struct bytes workspace);
must_check
bool install_find(struct world *world, int64_t id, struct arena *arena,
                  struct install *ret_install);
/* A new one like @install but for its id, which it sets. */
void install_make(struct world *world, struct install *install);
void install_revoke(struct world *world, int64_t id);
/* @token is good for an hour from now. */
void install_add_token(struct world *world, const struct install *install,
                       struct bytes token);
/* What it had until now is not. */
void install_end_tokens(struct world *world, int64_t id);
