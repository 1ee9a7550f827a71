/* SPDX-License-Identifier: MIT */

#include "core/recent.h"

static int64_t number_at(int64_t now_ms)
{
    return now_ms / RECENT_STEP_MS + 1;
}

void recent_add(struct recent *recent, int64_t now_ms, bool is_good, int64_t took_us)
{
    const int64_t number = number_at(now_ms);
    struct recent_step *step = &recent->steps[number % RECENT_STEPS];

    if (step->number != number)
        *step = (struct recent_step){.number = number};
    step->n++;
    step->n_good += is_good;
    histogram_add(&step->took, took_us);
}

void recent_look(const struct recent *recent, int64_t now_ms,
                 struct recent_view *ret_view)
{
    const int64_t last = number_at(now_ms);
    struct histogram took = {0};

    *ret_view = (struct recent_view){0};
    for (int i = 0; i < RECENT_STEPS; i++) {
        const int64_t number = last - RECENT_STEPS + 1 + i;
        const struct recent_step *step;

        if (number < 1)
            continue;
        step = &recent->steps[number % RECENT_STEPS];
        if (step->number != number)
            continue;
        ret_view->counts[i] = step->n;
        ret_view->n += step->n;
        ret_view->n_good += step->n_good;
        histogram_merge(&took, &step->took);
    }
    ret_view->p95_us = histogram_percentile_us(&took, 95);
}
