/* SPDX-License-Identifier: MIT */

#include "core/delivery.h"

static const char *const texts[DELIVERY_N_STATES] = {
    [DELIVERY_NONE] = "",
    [DELIVERY_QUEUED] = "queued",
    [DELIVERY_RUNNING] = "running",
    [DELIVERY_RETRYING] = "retrying",
    [DELIVERY_DELIVERED] = "delivered",
    [DELIVERY_DISCARDED] = "discarded",
    [DELIVERY_DEAD] = "dead",
};

const char *delivery_state_text(enum delivery_state state)
{
    return state < DELIVERY_N_STATES ? texts[state] : "";
}

enum delivery_state delivery_state_parse(struct bytes text)
{
    for (int state = DELIVERY_QUEUED; state < DELIVERY_N_STATES; state++) {
        if (bytes_eq(text, bytes_str(texts[state])))
            return (enum delivery_state)state;
    }
    return DELIVERY_NONE;
}
