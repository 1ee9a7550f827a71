/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * port_owner - who listens on this TCP port?
 *
 * From /proc: the socket's inode in net/tcp{,6}, then whose descriptor it is. A process
 * of another user is seen as taken, not by name, unless we are root.
 */

#include <sys/types.h>

#include "base/attr.h"

enum port_owner_answer {
    PORT_OWNER_NONE = 0, /* nobody listens there */
    PORT_OWNER_HIDDEN,   /* somebody whose descriptors we may not see */
    PORT_OWNER_FOUND,
};

struct port_owner {
    pid_t pid;
    char name[32];
};

must_check
enum port_owner_answer port_owner_find(int port, struct port_owner *ret_owner);
