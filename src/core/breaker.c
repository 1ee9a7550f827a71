/* SPDX-License-Identifier: MIT */

#include "core/breaker.h"

const char *breaker_state_text(enum breaker_state state)
{
    switch (state) {
    case BREAKER_CLOSED:
        return "closed";
    case BREAKER_OPEN:
        return "open";
    case BREAKER_HALF_OPEN:
        return "half-open";
    }
    return "";
}

bool breaker_admit(struct breaker *breaker, int64_t now_ms, int64_t *ret_wait_ms)
{
    int64_t wait_ms = 0;
    bool admitted = breaker->state == BREAKER_CLOSED;

    if (breaker->state == BREAKER_OPEN) {
        admitted = now_ms >= breaker->open_until_ms;
        if (admitted)
            breaker->state = BREAKER_HALF_OPEN;
        else
            wait_ms = breaker->open_until_ms - now_ms;
    }
    if (ret_wait_ms != NULL)
        *ret_wait_ms = wait_ms;
    return admitted;
}

bool breaker_success(struct breaker *breaker, int64_t now_ms)
{
    bool was_down = breaker->state != BREAKER_CLOSED;

    (void)now_ms;
    *breaker = (struct breaker){.state = BREAKER_CLOSED};
    return was_down;
}

static void open_for(struct breaker *breaker, int64_t cool_ms, int64_t now_ms,
                     uint32_t random)
{
    int64_t most_cut_ms = cool_ms / 4;

    breaker->state = BREAKER_OPEN;
    breaker->cool_ms = cool_ms;
    breaker->open_until_ms =
        now_ms + cool_ms - (int64_t)((uint64_t)most_cut_ms * random >> 32);
}

bool breaker_failure(struct breaker *breaker, int64_t now_ms, uint32_t random)
{
    if (breaker->n_failures++ == 0)
        breaker->since_ms = now_ms;
    switch (breaker->state) {
    case BREAKER_CLOSED:
        if (breaker->n_failures < BREAKER_THRESHOLD)
            return false;
        open_for(breaker, BREAKER_COOL_MIN_MS, now_ms, random);
        return true;
    case BREAKER_HALF_OPEN: {
        int64_t doubled = breaker->cool_ms * 2;

        open_for(breaker, doubled < BREAKER_COOL_MAX_MS ? doubled : BREAKER_COOL_MAX_MS,
                 now_ms, random);
        return false;
    }
    case BREAKER_OPEN: /* a request that began before: says nothing new */
        return false;
    }
    return false;
}

void breaker_abandon(struct breaker *breaker, int64_t now_ms)
{
    if (breaker->state != BREAKER_HALF_OPEN)
        return;
    breaker->state = BREAKER_OPEN;
    breaker->open_until_ms = now_ms;
}
