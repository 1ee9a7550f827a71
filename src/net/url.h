/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * url - an absolute http or https URL, as libcurl's parser sees it.
 *
 * One parser for the check and for the connection, so they cannot disagree about which
 * part of a malicious URL is the host. User names and passwords inside are refused, odd
 * spellings of IPv4 addresses (decimal, hex, octal, short) become the usual one. A host
 * in letters beyond ASCII is refused: it is written as the resolver knows it (xn--…).
 * So is one that reads differently a second time, as "0x7f%2e1" does.
 */

#include "base/buf.h"

enum { URL_MAX_BYTES = 16 * 1024 };

struct url;

/* NULL when it is none; *ret_why then says why, for people. */
must_check
struct url *url_parse(struct bytes text, const char **ret_why);
/* It has several owners: the last one's url_free() frees it. An url does not change. */
must_check
struct url *url_share(struct url *url);
void url_free(struct url *url); /* NULL is fine */
/* Lower case, as the resolver will see it, without brackets. Lives as long as @url. */
must_check
struct bytes url_host(const struct url *url);
/* The same, added to @ret_host. */
must_check
bool url_add_host(const struct url *url, struct buf *ret_host);
/* Where @location (absolute or relative) leads from here; NULL when it is none that we
 * would go to: another scheme, or from https to http. */
must_check
struct url *url_redirect(const struct url *url, struct bytes location);
/* Scheme, host and port. */
must_check
bool url_is_same_origin(const struct url *a, const struct url *b);
bool url_is_https(const struct url *url);
/* For net/client only: libcurl's own handle. */
void *url_handle(struct url *url);
