/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * redirect_uri - where a browser is sent back to with a code or an error (dossier §6.3).
 */

#include "base/buf.h"

enum { REDIRECT_URI_BYTES = 2048, REDIRECT_URIS = 5 /* an app may have */ };

/* May an app register it? An absolute URI of visible ASCII characters without fragment;
 * http only for hosts that end in "localhost" or "127.0.0.1". */
must_check
bool redirect_uri_is_allowed(struct bytes uri);
/* Adds @uri with @query (encoded) after what its own query has. */
int redirect_uri_extend(struct bytes uri, struct bytes query, struct buf *ret_uri);
