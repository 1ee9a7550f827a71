/* SPDX-License-Identifier: MIT */
#pragma once

/* listen - a bound TCP socket, or a sentence that says what is in its way. */

#include "base/attr.h"

struct err;

/* @host: a name or an address; @port 0: any, *ret_port says which. Non-blocking. -1 with
 * PA1020 (exit 6) when the port is taken, naming who holds it. */
must_check
int listen_open(const char *host, int port, int *ret_fd, int *ret_port, struct err *err);
