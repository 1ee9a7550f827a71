/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * hosts - the endpoints by host: breaker, pause, and what they last said.
 *
 * Courier's thread only.
 */

#include "base/map.h"
#include "core/breaker.h"
#include "core/outcome.h"
#include "core/recent.h"

struct host {
    char *name; /* "api.example.com", or "127.0.0.1:8081" (net/client.h) */
    struct breaker breaker;
    bool is_paused;
    int64_t
        resumed_at_ms; /* wall; what waited because of the pause is not older than it */
    unsigned n_in_flight;
    int last_status;
    char last_error[192];
    int64_t last_success_ms, last_failure_ms; /* wall; 0 never */
    uint64_t n_requests;
    struct recent *recent; /* NULL: of the first HOSTS_RECENT alone it is known */
};

struct hosts {
    struct map by_name;
};

enum {
    HOSTS_MAX = 10000,
    HOSTS_RECENT = 1000,
}; /* customers may choose endpoints: a bound on what they make */

void hosts_init(struct hosts *hosts);
void hosts_done(struct hosts *hosts);
/* The host of that name, made when new; the last of HOSTS_MAX is shared by all others. */
must_check
struct host *hosts_get(struct hosts *hosts, struct bytes name);
/* By its name, or by the host alone when only one endpoint is on it; NULL: none. */
struct host *hosts_find(const struct hosts *hosts, struct bytes name);
/* Is this end of a request a sign that the host is in trouble? */
must_check
bool hosts_is_failure(enum outcome_transport transport, int status);
