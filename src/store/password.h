/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * password - argon2id, 19 MiB and 2 passes: some 20 ms of one processor on purpose. So
 * never in a loop's thread or keeper's. Thread-safe.
 */

#include "base/bytes.h"

enum { PASSWORD_TEXT_BYTES = 128 }; /* with its NUL */

/* Into libsodium's text, salt and cost included. False: no memory. */
must_check
bool password_hash(struct bytes password, char ret_text[PASSWORD_TEXT_BYTES]);
/* @text NULL or empty: there is no such user; takes as long, and answers false. */
must_check
bool password_matches(const char *text, struct bytes password);
