/* SPDX-License-Identifier: MIT */
#pragma once

/* listen - a bound TCP socket, or a sentence that says what is in its way. */

#include "base/attr.h"

struct err;

/* @host: a name or an address; @port 0: any, *ret_port says which. Non-blocking. -1 with
 * PA1020 (exit 6) when the port is taken, naming who holds it. */
must_check
int listen_open(const char *host, int port, int *ret_fd, int *ret_port, struct err *err);
enum { LISTEN_TEXT_LEN = 80 };
/* Where a socket listens: "127.0.0.1:8888", "[::]:8888". */
void listen_address(int fd, char ret_text[LISTEN_TEXT_LEN]);
/* A listening socket that whoever started us has opened. Its backlog becomes as long as
 * one of our own. -1 when @fd is none; it stays open. */
must_check
int listen_adopt(int fd, int *ret_port, struct err *err);
