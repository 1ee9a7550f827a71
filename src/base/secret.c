/* SPDX-License-Identifier: MIT */

#include "base/secret.h"

void secret_wipe(void *memory, size_t len)
{
    if (len > 0)
        explicit_bzero(memory, len);
}

void secret_done(struct secret *secret)
{
    if (secret->ptr != NULL)
        secret_wipe(secret->ptr, secret->len);
    free(secret->ptr);
    *secret = (struct secret){0};
}

void secret_set(struct secret *secret, struct bytes value)
{
    secret_done(secret);
    secret->ptr = bytes_copy(value);
    secret->len = value.len;
}

bool secret_eq(const void *a, const void *b, size_t len)
{
    const volatile uint8_t *left = a;
    const volatile uint8_t *right = b;
    uint8_t difference = 0;

    for (size_t i = 0; i < len; i++)
        difference |= (uint8_t)(left[i] ^ right[i]);
    return difference == 0;
}
