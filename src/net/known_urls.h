/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * known_urls - URLs that were parsed lately.
 *
 * A client sends to few URLs and to each of them thousands of times. Bounded: by the
 * text's hash each has one place, where it displaces the one before it; long ones, which
 * hold what changes with every request, are not kept.
 */

#include "base/bytes.h"

struct known_urls;
struct url;

must_check
struct known_urls *known_urls_new(void);
void known_urls_free(struct known_urls *known); /* NULL is fine */
/* As url_parse(); to be given back with url_free(). */
must_check
struct url *known_urls_get(struct known_urls *known, struct bytes text,
                           const char **ret_why);
