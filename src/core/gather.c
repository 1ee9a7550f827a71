/* SPDX-License-Identifier: MIT */

#include "core/gather.h"

int64_t gather_us(const struct gather *gather, int64_t now_us)
{
    int64_t since_us = now_us - gather->began_us;

    if (gather->n_letters == 0 || gather->n_letters >= GATHER_LETTERS ||
        (gather->has_sender && gather->is_alone))
        return 0;
    if (gather->began_us == 0 || since_us < 0 || since_us >= GATHER_US)
        return 0;
    return GATHER_US - since_us;
}
