/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * device - a browser in which a user has signed in before: who guesses elsewhere does
 * not hold it up (core/guess.h). It opens nothing by itself.
 */

#include "service/access/cookie.h"
#include "store/vault.h"

enum { DEVICE_AGE_S = 180 * 24 * 60 * 60, DEVICE_NAME_BYTES = 33 };

/* True when @request's browser knows the user; *ret_name: which browser it is. */
must_check
bool device_knows(const struct vault *vault, const struct server_request *request,
                  int64_t user, char ret_name[DEVICE_NAME_BYTES]);
/* The value of a new cookie for @user. */
void device_make(const struct vault *vault, int64_t user,
                 char ret_value[COOKIE_VALUE_BYTES]);
