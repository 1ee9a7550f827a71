/* SPDX-License-Identifier: MIT */
#pragma once

/* peer - whom a socket is connected to, as text and as an address. */

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "base/attr.h"

enum { PEER_TEXT_LEN = INET6_ADDRSTRLEN + 9 };

struct peer {
    char address[INET6_ADDRSTRLEN]; /* without brackets; empty: not IP */
    unsigned port;
};

struct peer peer_of(const struct sockaddr *address);
/* False when @text is no IP address. */
must_check
bool peer_parse(const char *text, unsigned port, struct sockaddr_storage *ret_address);
/* "127.0.0.1:9", "[::1]:9"; returns @ret_text. */
const char *peer_text(const struct peer *peer, char ret_text[PEER_TEXT_LEN]);
