/* SPDX-License-Identifier: MIT */

#include "sys/rand.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

void rand_bytes(void *ret_bytes, size_t len)
{
    unsigned char *at = ret_bytes;

    while (len > 0) {
        ssize_t got = getrandom(at, len, 0);

        if (got < 0 && errno == EINTR)
            continue;
        /* Weak keys are worse than no service. */
        if (got <= 0)
            abort();
        at += got;
        len -= (size_t)got;
    }
}

uint64_t rand_u64(void)
{
    uint64_t bits;

    rand_bytes(&bits, sizeof(bits));
    return bits;
}

/* SplitMix64: one addition and a scramble, every seed is as good as another. */
uint32_t rand_jitter(void)
{
    static _Thread_local uint64_t state;
    static _Thread_local int is_seeded;

    if (!is_seeded) {
        state = rand_u64();
        is_seeded = 1;
    }
    uint64_t x = state += 0x9e3779b97f4a7c15U;

    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return (uint32_t)((x ^ (x >> 31)) >> 32);
}
