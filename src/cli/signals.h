/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * signals - SIGINT, SIGTERM and SIGHUP as something to read, never as an interruption.
 *
 * Opened before the first thread is started: threads inherit the blocked mask.
 */

#include "base/attr.h"

struct err;

/* A descriptor that is readable when one of the three came. */
must_check
int signals_open(int *ret_fd, struct err *err);
/* The next signal's number; 0 when there is none. */
int signals_read(int fd);
