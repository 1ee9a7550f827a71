/* SPDX-License-Identifier: MIT */

#include "simulation/options.h"

#include <string.h>

#include "base/attr.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };

static const int64_t day = INT64_C(24) * HOUR;

const char *mood_text(enum mood mood)
{
    static const char *const texts[MOOD_N] = {
        [MOOD_OK] = "ok",     [MOOD_SLOW] = "slow",     [MOOD_DRIP] = "drip",
        [MOOD_LIMIT] = "429", [MOOD_FAILING] = "5xx",   [MOOD_RESET] = "reset",
        [MOOD_FLAP] = "flap", [MOOD_OUTAGE] = "outage", [MOOD_REFUSES] = "4xx",
    };

    return mood < MOOD_N ? texts[mood] : "";
}

/* What a reload may change, and what a line begins with. */
static void draw_limits(struct line_options *line, struct chance *chance)
{
    line->attempts = (int)chance_scale(chance, 1, 24);
    line->over_ms = chance_scale(chance, SECOND, 14 * day);
    line->concurrency = (int)chance_scale(chance, 1, 400);
    line->timeout_ms = chance_scale(chance, 200, MINUTE);
    line->rate_per_s = chance_is(chance, 300) ? (double)chance_scale(chance, 1, 200) : 0;
    line->batch_size = (int)chance_scale(chance, 1, 50);
    line->batch_wait_ms = chance_scale(chance, 10, 20 * SECOND);
}

void options_draw_line(struct line_options *line, struct chance *chance)
{
    draw_limits(line, chance);
    line->is_inline = chance_is(chance, 150);
    line->has_function = chance_is(chance, 250);
    line->is_isolated = line->has_function && chance_is(chance, 300);
}

static int64_t sometimes(struct chance *chance, int permille, int64_t least, int64_t most)
{
    int64_t value = chance_scale(chance, least, most);

    return chance_is(chance, permille) ? value : 0;
}

static void draw_faults(struct options *options, struct chance *chance)
{
    int64_t length_ms = options->length_ms;

    for (int mood = MOOD_SLOW; mood < MOOD_N; mood++)
        options->moods |= chance_is(chance, 400) ? 1u << mood : 0;
    if (chance_is(chance, 150))
        options->moods = 0;
    options->mood_most_ms = chance_scale(chance, 10 * SECOND, 2 * day);
    options->store.slow = (int)sometimes(chance, 300, 1, 50);
    options->store.full = (int)sometimes(chance, 200, 1, 20);
    options->store.failed_sync = (int)sometimes(chance, 150, 1, 5);
    options->store.dies_before = (int)sometimes(chance, 200, 1, 10);
    options->store.dies_after = (int)sometimes(chance, 200, 1, 10);
    options->crash_every_ms = sometimes(chance, 400, length_ms / 200 + SECOND, length_ms);
    options->restart_every_ms =
        sometimes(chance, 300, length_ms / 100 + SECOND, length_ms);
    options->jump_every_ms = sometimes(chance, 200, length_ms / 50 + SECOND, length_ms);
    options->jump_most_ms = chance_scale(chance, SECOND, 400 * day);
    options->operate_every_ms =
        sometimes(chance, 500, length_ms / 100 + SECOND, length_ms);
}

void options_draw(struct options *options, uint64_t seed)
{
    struct chance chance;

    chance_init(&chance, seed, "options");
    *options = (struct options){.seed = seed};
    options->length_ms = chance_scale(&chance, 10 * MINUTE, 30 * day);
    options->n_events = chance_scale(&chance, 20, 6000);
    options->n_lines = (int)chance_between(&chance, 1, LINES_MAX);
    options->n_partners = (int)chance_between(&chance, 1, PARTNERS_MAX);
    options->n_keys = (int)chance_between(&chance, 0, 3);
    options->has_bursts = chance_is(&chance, 500);
    options->payload_most = (int)chance_scale(&chance, 100, 9000);
    options->dedupe_ms = chance_scale(&chance, MINUTE, 7 * day);
    for (int i = 0; i < options->n_lines; i++) {
        options_draw_line(&options->lines[i], &chance);
        options->lines[i].partner = (int)chance_below(&chance, options->n_partners);
    }
    draw_faults(options, &chance);
}

bool options_are_mild(const struct options *options)
{
    return options->moods == 0 && options->crash_every_ms == 0 &&
           options->store.failed_sync == 0 && options->store.dies_before == 0 &&
           options->store.dies_after == 0 && options->restart_every_ms == 0 &&
           options->operate_every_ms == 0;
}

void options_print(const struct options *options, FILE *out)
{
    fprintf(out,
            "seed %llu: %.1f h, %lld events, %d subscriptions, %d partners, %d keys,"
            " moods",
            (unsigned long long)options->seed, (double)options->length_ms / HOUR,
            (long long)options->n_events, options->n_lines, options->n_partners,
            options->n_keys);
    for (int mood = MOOD_OK; mood < MOOD_N; mood++) {
        if ((options->moods >> mood & 1) != 0)
            fprintf(out, " %s", mood_text((enum mood)mood));
    }
    fprintf(out,
            "%s; store slow %d full %d sync %d dies %d+%d; every (s) crash %lld"
            " restart %lld jump %lld operate %lld%s\n",
            options->moods == 0 ? " ok" : "", options->store.slow, options->store.full,
            options->store.failed_sync, options->store.dies_before,
            options->store.dies_after, (long long)options->crash_every_ms / SECOND,
            (long long)options->restart_every_ms / SECOND,
            (long long)options->jump_every_ms / SECOND,
            (long long)options->operate_every_ms / SECOND,
            options->has_bursts ? "; bursts" : "");
}
