/* SPDX-License-Identifier: MIT */

#include "store/bloom.h"

#include <endian.h>

#include "base/mem.h"

enum { N_PROBES = 8 };

static const uint64_t bit_mask = (uint64_t)BLOOM_BYTES * 8 - 1;

struct probe {
    uint64_t at, stride;
};

static struct probe probe_of(const struct dedupe_mark *mark)
{
    struct probe probe;

    memcpy(&probe.at, mark->bytes, sizeof(probe.at));
    memcpy(&probe.stride, mark->bytes + sizeof(probe.at), sizeof(probe.stride));
    probe.at = le64toh(probe.at);
    probe.stride = le64toh(probe.stride) | 1; /* never stands still */
    return probe;
}

void bloom_add(struct bloom *bloom, const struct dedupe_mark *mark)
{
    struct probe probe = probe_of(mark);

    if (bloom->bits == NULL)
        bloom->bits = mem_zero(BLOOM_BYTES);
    for (int i = 0; i < N_PROBES; i++) {
        uint64_t bit = probe.at & bit_mask;

        bloom->bits[bit / 8] = (uint8_t)(bloom->bits[bit / 8] | 1u << (bit % 8));
        probe.at += probe.stride;
    }
}

void bloom_load(struct bloom *bloom, const uint8_t bits[BLOOM_BYTES])
{
    if (bloom->bits == NULL)
        bloom->bits = mem_zero(BLOOM_BYTES);
    memcpy(bloom->bits, bits, BLOOM_BYTES);
}

bool bloom_may_have(const struct bloom *bloom, const struct dedupe_mark *mark)
{
    struct probe probe = probe_of(mark);

    if (bloom->bits == NULL)
        return false;
    for (int i = 0; i < N_PROBES; i++) {
        uint64_t bit = probe.at & bit_mask;

        if ((bloom->bits[bit / 8] & 1u << (bit % 8)) == 0)
            return false;
        probe.at += probe.stride;
    }
    return true;
}

void bloom_done(struct bloom *bloom)
{
    free(bloom->bits);
    bloom->bits = NULL;
}
