/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * secret - bytes that must not be printed, and must not linger.
 *
 * There is deliberately no function that formats one. Comparison takes the same time
 * wherever the first difference is.
 */

#include "base/bytes.h"

struct secret {
    char *ptr; /* owned; NULL: none */
    size_t len;
};

/* Copies. An earlier value is wiped first. */
void secret_set(struct secret *secret, struct bytes value);
void secret_done(struct secret *secret); /* wipes and frees; twice is fine */
must_check
bool secret_eq(const void *a, const void *b, size_t len);
void secret_wipe(void *memory, size_t len);

static inline bool secret_is_set(const struct secret *secret)
{
    return secret->ptr != NULL;
}

/* Borrowed, for the one who signs or seals. */
static inline struct bytes secret_bytes(const struct secret *secret)
{
    return bytes_of(secret->ptr, secret->len);
}
