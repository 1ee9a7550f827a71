/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * site_url - where customers' browsers reach the service: what the button points to.
 *
 * server.public_url, else the address of the public listener as this machine sees it.
 */

#include "base/buf.h"

struct call;
struct err;

enum { SITE_URL_BYTES = 512 };

/* "https://hooks.example.com", no slash at the end. @ret_is_public (may be NULL): whether
 * it is server.public_url, hence also true elsewhere. Asks the service when the
 * configuration does not say. 0; above 0 an exit code (the problems have been shown). */
must_check
int site_url(const struct call *call, struct buf *ret_url, bool *ret_is_public,
             struct err *err);
