/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * welcome - /setup makes the first user, /invitation chooses a password: links of 160
 * random bits, used once. There is no default account and no default password.
 */

#include "service/access/people.h"

enum { WELCOME_CODE_BYTES = 64 };

/* When nobody can sign in yet: a new setup link's code, which makes the last one void;
 * "" when there are users. Before keeper has the store. */
must_check
int welcome_setup(struct people *people, struct store *store, const struct vault *vault,
                  char ret_code[WELCOME_CODE_BYTES], struct err *err);
/* A new code for an invitation of @user, hashed into *ret_invitation. */
void welcome_make(const struct vault *vault, int64_t user, int64_t lasts_ms,
                  char ret_code[WELCOME_CODE_BYTES], struct invitation *ret_invitation);
