/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * inherit - sockets that outlive a program: from the service manager, or from ourselves.
 *
 * The protocol of systemd's socket activation (sd_listen_fds(3)): LISTEN_FDS descriptors
 * from 3 on, for the process LISTEN_PID, named by LISTEN_FDNAMES. "public" and "admin"
 * are listening sockets; where no descriptor has one of these names, the first is the
 * public one and the second the admin one. "public+" and "admin+" are connections that
 * were accepted on them: only a program that makes way for its successor leaves such.
 *
 * Main thread only: before others are started, after they have ended.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct err;

enum inherit_which { INHERIT_PUBLIC = 0, INHERIT_ADMIN, INHERIT_DOORS };

struct inherit_door {
    int listen_fd;    /* -1: none */
    int *connections; /* owned */
    size_t n_connections;
};

struct inherit {
    struct inherit_door doors[INHERIT_DOORS];
    /* Monotonic: when the program before stopped accepting; 0: there was none. It is told
     * in PARTNERAPP_CLOSED_AT_US. */
    int64_t closed_at_us;
};

enum { INHERIT_MAX = 8192 }; /* the names are one variable of at most 128 KiB */

/* Takes what there is, and the variables out of the environment; all descriptors are
 * closed by the next exec. -1: more of one name than we can use. */
must_check
int inherit_take(struct inherit *ret_inherit, struct err *err);
/* Moves the sockets to where the next program finds them, and says so in the environment;
 * all other descriptors but the standard streams are closed by its exec. What comes after
 * INHERIT_MAX is left behind. */
must_check
int inherit_leave(const struct inherit *inherit, struct err *err);
/* Frees the lists; no descriptor is closed. */
void inherit_done(struct inherit *inherit);
