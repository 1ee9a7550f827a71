/* SPDX-License-Identifier: MIT */

#include "store/bloom.h"

#include "base/mem.h"

enum { FIRST_MARKS = 4096, BITS_PER_MARK = 12, N_PROBES = 8 };

struct bloom_part {
    struct bloom_part *older;
    size_t n_marks;
    size_t max_marks;
    uint64_t n_bits;
    uint8_t bits[];
};

static struct bloom_part *part_new(struct bloom_part *older)
{
    size_t max_marks = older != NULL ? 2 * older->max_marks : FIRST_MARKS;
    size_t n_bytes = max_marks * BITS_PER_MARK / 8;
    struct bloom_part *part = mem_zero(sizeof(*part) + n_bytes);

    part->older = older;
    part->max_marks = max_marks;
    part->n_bits = (uint64_t)n_bytes * 8;
    return part;
}

struct probe {
    uint64_t at, stride;
};

static struct probe probe_of(const struct dedupe_mark *mark)
{
    struct probe probe;

    memcpy(&probe.at, mark->bytes, sizeof(probe.at));
    memcpy(&probe.stride, mark->bytes + sizeof(probe.at), sizeof(probe.stride));
    probe.stride |= 1; /* never stands still */
    return probe;
}

void bloom_add(struct bloom *bloom, const struct dedupe_mark *mark)
{
    struct probe probe = probe_of(mark);
    struct bloom_part *part = bloom->newest;

    if (part == NULL || part->n_marks == part->max_marks)
        part = bloom->newest = part_new(part);
    part->n_marks++;
    for (int i = 0; i < N_PROBES; i++) {
        uint64_t bit = probe.at % part->n_bits;

        part->bits[bit / 8] = (uint8_t)(part->bits[bit / 8] | 1u << (bit % 8));
        probe.at += probe.stride;
    }
}

static bool part_may_have(const struct bloom_part *part, struct probe probe)
{
    for (int i = 0; i < N_PROBES; i++) {
        uint64_t bit = probe.at % part->n_bits;

        if ((part->bits[bit / 8] & 1u << (bit % 8)) == 0)
            return false;
        probe.at += probe.stride;
    }
    return true;
}

bool bloom_may_have(const struct bloom *bloom, const struct dedupe_mark *mark)
{
    struct probe probe = probe_of(mark);

    for (const struct bloom_part *part = bloom->newest; part != NULL;
         part = part->older) {
        if (part_may_have(part, probe))
            return true;
    }
    return false;
}

void bloom_done(struct bloom *bloom)
{
    while (bloom->newest != NULL) {
        struct bloom_part *part = bloom->newest;

        bloom->newest = part->older;
        free(part);
    }
}
