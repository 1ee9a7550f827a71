/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * origin - from which page does a request come? (ux §3.7, reliability CO-3, CO-7)
 *
 * A page of another site may make the browser send requests here; then Origin or
 * Sec-Fetch-Site says so. A name that was rebound to this machine stands in Host.
 */

#include "net/server.h"

enum origin {
    ORIGIN_OTHER = 0,
    ORIGIN_SILENT, /* neither is sent: no browser, or one that only follows a link */
    ORIGIN_OURS,   /* a page of this origin, or what a person typed */
};
must_check
enum origin origin_of(const struct server_request *request);
/* Of this machine, whatever the port: loopback, and Host and Origin are its names. */
must_check
bool origin_is_local(const struct server_request *request);
