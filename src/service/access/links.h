/* SPDX-License-Identifier: MIT */
#pragma once

/* links - addresses of the console to be opened by a person. */

#include "net/server.h"

struct site;

enum { LINKS_BYTES = 512 };

/* As this machine sees the admin listener. */
void links_local(const struct site *site, const char *path, const char *code,
                 char ret_link[LINKS_BYTES]);
/* As the browser sees it that has sent @request; as this machine does when that is not
 * known. */
void links_seen(const struct site *site, const struct server_request *request,
                const char *path, const char *code, char ret_link[LINKS_BYTES]);
