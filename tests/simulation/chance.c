/* SPDX-License-Identifier: MIT */

#include "simulation/chance.h"

/* splitmix64: every state is a good one, also small seeds side by side. */
static uint64_t mix(uint64_t value)
{
    value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
    return value ^ value >> 31;
}

void chance_init(struct chance *chance, uint64_t seed, const char *name)
{
    chance->state = mix(seed + UINT64_C(0x9e3779b97f4a7c15));
    for (; *name != '\0'; name++)
        chance->state = mix(chance->state ^ (uint64_t)(unsigned char)*name);
}

uint64_t chance_u64(struct chance *chance)
{
    chance->state += UINT64_C(0x9e3779b97f4a7c15);
    return mix(chance->state);
}

int64_t chance_below(struct chance *chance, int64_t n)
{
    return n > 0 ? (int64_t)(chance_u64(chance) % (uint64_t)n) : 0;
}

int64_t chance_between(struct chance *chance, int64_t least, int64_t most)
{
    return least + chance_below(chance, most - least + 1);
}

int64_t chance_scale(struct chance *chance, int64_t least, int64_t most)
{
    int n_doublings = 0;
    int64_t from = least;

    for (int64_t top = least; top < most / 2; top *= 2)
        n_doublings++;
    for (int64_t i = chance_below(chance, n_doublings + 1); i > 0; i--)
        from *= 2;
    return chance_between(chance, from, from * 2 < most ? from * 2 : most);
}

bool chance_is(struct chance *chance, int64_t permille)
{
    return chance_below(chance, 1000) < permille;
}
