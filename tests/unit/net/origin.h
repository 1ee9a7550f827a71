/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * origin - the server at the other end, as small as it can be: one thread per connection,
 * and the path says what it does.
 *
 *   /echo        200, the whole request as body
 *   /status/503  that status
 *   /hang        no answer until the other side goes
 *   /close       goes without an answer
 *   /half        goes in the middle of the body
 *   /noise       an answer that is not HTTP
 *   /big/1000    200 with so many bytes
 *   /heads/1000  so many 100 Continue, then 200
 *   /to/307/URL  that status, with the rest of the line's path as Location
 *   /fail/503/2  that status to so many requests, as Segment's API says it and with the
 *                credential in the text, twice (429: with Retry-After: 1); then 200, {}
 */

#include <stdatomic.h>
#include <stdint.h>

struct origin {
    int fd;
    int port;
    atomic_int n_connections;
    atomic_int n_requests;
};

struct origin *origin_start(void);
void origin_stop(struct origin *origin);
