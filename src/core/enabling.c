/* SPDX-License-Identifier: MIT */

#include "core/enabling.h"

static const char *const state_texts[] = {
    [ENABLING_NONE] = "none",           [ENABLING_EXCHANGED] = "exchanged",
    [ENABLING_KEYED] = "keyed",         [ENABLING_ENABLED] = "enabled",
    [ENABLING_REINSTALL] = "reinstall", [ENABLING_REVOKED] = "revoked",
};

const char *enabling_state_text(enum enabling_state state)
{
    return (size_t)state < COUNT(state_texts) ? state_texts[state]
                                              : state_texts[ENABLING_NONE];
}

enum enabling_state enabling_state_parse(struct bytes text)
{
    for (size_t i = 0; i < COUNT(state_texts); i++) {
        if (bytes_eq(text, bytes_str(state_texts[i])))
            return (enum enabling_state)i;
    }
    return ENABLING_NONE;
}

enum enabling_step enabling_next(const struct enabling *enabling, int64_t now_ms)
{
    if (enabling->state == ENABLING_ENABLED)
        return ENABLING_DONE;
    if (enabling->state != ENABLING_EXCHANGED && enabling->state != ENABLING_KEYED)
        return ENABLING_FAIL;
    if (!enabling->has_source)
        return ENABLING_FAIL;
    if (enabling->state == ENABLING_EXCHANGED && enabling->wants_key)
        return ENABLING_MAKE_KEY;
    /* A token that is short-lived even when it is new must do. */
    if (!enabling->was_refreshed && oauth_needs_refresh(enabling->expires_at_ms, now_ms))
        return ENABLING_REFRESH;
    return enabling->has_existed ? ENABLING_UPDATE : ENABLING_CREATE;
}

static enum enabling_step refused(struct enabling *enabling)
{
    if (enabling->was_refreshed) {
        enabling->state = ENABLING_REINSTALL;
        return ENABLING_LOST;
    }
    enabling->was_refreshed = true;
    return ENABLING_REFRESH;
}

static enum enabling_step existed(struct enabling *enabling, enum enabling_step step)
{
    if (step != ENABLING_CREATE)
        return ENABLING_FAIL;
    enabling->has_existed = true;
    enabling->n_tries = 0;
    return ENABLING_UPDATE;
}

enum enabling_step enabling_answered(struct enabling *enabling, enum enabling_step step,
                                     enum segment_verdict verdict, int64_t retry_after_ms,
                                     uint32_t random, int64_t *ret_wait_ms)
{
    *ret_wait_ms = 0;
    if (step != ENABLING_CREATE && step != ENABLING_UPDATE)
        return ENABLING_FAIL;
    switch (verdict) {
    case SEGMENT_FINE:
        enabling->state = ENABLING_ENABLED;
        enabling->n_tries = 0;
        return ENABLING_DONE;
    case SEGMENT_EXISTS:
        return existed(enabling, step);
    case SEGMENT_UNAUTHENTICATED:
        return refused(enabling);
    case SEGMENT_LIMITED:
    case SEGMENT_UNAVAILABLE:
        enabling->n_tries++;
        *ret_wait_ms = segment_api_wait_ms(enabling->n_tries, retry_after_ms, random);
        if (*ret_wait_ms >= 0)
            return ENABLING_WAIT;
        *ret_wait_ms = 0;
        return ENABLING_FAIL;
    case SEGMENT_MALFORMED:
    case SEGMENT_FORBIDDEN:
    case SEGMENT_NOT_FOUND:
    case SEGMENT_INVALID:
    case SEGMENT_NOT_IMITATED:
        break;
    }
    return ENABLING_FAIL;
}
