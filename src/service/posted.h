/* SPDX-License-Identifier: MIT */
#pragma once

/* posted - what is posted to a source: from an HTTP request to a parcel (core/request.h).
 * A listener's thread. */

#include "service/parcel.h"

enum { POSTED_BYTES = 512 << 10 }; /* a source's body (dossier §4.8) */

struct server_request;

/* @public_url: "https://hooks.example.com", or NULL: as the request says. NULL when its
 * fields are more than we take: 431. */
must_check
struct parcel *posted_parcel(const struct server_request *request,
                             const char *public_url);
