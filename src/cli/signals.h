/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * signals - SIGINT, SIGTERM and SIGHUP as something to read, never as an interruption.
 * For a service SIGUSR2 too: make way for the program that is there now.
 *
 * Opened before the first thread is started: threads inherit the blocked mask.
 */

#include <stdbool.h>

#include "base/attr.h"

struct err;

/* A descriptor that is readable when one of the three came. */
must_check
int signals_open(int *ret_fd, struct err *err);
/* As above, and SIGUSR2. */
must_check
int signals_open_service(int *ret_fd, struct err *err);
/* The next signal's number; 0 when there is none. */
int signals_read(int fd);
/* As above; *ret_by_terminal: the kernel sent it, as for Ctrl-C, so everybody in the
 * foreground has got one. */
int signals_read_source(int fd, bool *ret_by_terminal);
