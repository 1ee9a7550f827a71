/* SPDX-License-Identifier: MIT */
#pragma once

/* doorman - core/guess for several threads: how often somebody may try a password. */

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct doorman;
struct entry;
struct principal;
struct server_request;

must_check
struct doorman *doorman_new(void);
void doorman_free(struct doorman *doorman);
/* May the password of @entry be looked at? Else *ret_wait_ms says when. Fills in what
 * doorman_right needs. */
must_check
bool doorman_lets(struct doorman *doorman, const struct server_request *request,
                  struct entry *entry, int64_t *ret_wait_ms);
void doorman_right(struct doorman *doorman, const struct entry *entry);
/* Likewise for a user who is signed in and types the password again. */
must_check
bool doorman_lets_user(struct doorman *doorman, const struct principal *principal,
                       int64_t *ret_wait_ms);
void doorman_right_user(struct doorman *doorman, const struct principal *principal);
