/* SPDX-License-Identifier: MIT */
#pragma once

/* next - where a browser goes on after the login: a page of ours, nothing else. */

#include "base/buf.h"
#include "net/server.h"

enum { NEXT_BYTES = 1024 };

/* Adds "/login?next=…", which leads back to the page that was asked for. */
void next_to_login(const struct server_request *request, struct buf *ret_location);
/* @text when it is a path of the console, else "/". Of "//evil.example" a browser makes
 * another host, and of "/\evil.example" too. */
struct bytes next_ours(struct bytes text);
