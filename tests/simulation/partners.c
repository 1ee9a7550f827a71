/* SPDX-License-Identifier: MIT */

#include "simulation/partners.h"

#include <stdio.h>

#include "base/time_text.h"
#include "simulation/kernel.h"

enum { SECOND_US = 1000000 };

struct partner {
    enum mood mood;
    int64_t flap_us; /* half of the period */
    int64_t since_us;
    struct alarm change;
};

static struct {
    const struct options *options;
    struct chance moods, answers;
    struct partner partners[PARTNERS_MAX];
    bool is_healed;
} fake;

static enum mood draw_mood(void)
{
    enum mood mood = (enum mood)chance_below(&fake.moods, MOOD_N);

    if (chance_is(&fake.moods, 400) || (fake.options->moods >> mood & 1) == 0)
        return MOOD_OK;
    return mood;
}

static void on_change(void *arg)
{
    struct partner *partner = arg;

    if (fake.is_healed)
        return;
    partner->mood = draw_mood();
    partner->since_us = kernel_now_us();
    partner->flap_us = chance_scale(&fake.moods, SECOND_US / 10, 30 * SECOND_US);
    alarm_set(&partner->change,
              1000 * chance_scale(&fake.moods, 1000, fake.options->mood_most_ms));
}

void partners_reset(const struct options *options)
{
    memset(&fake, 0, sizeof(fake));
    fake.options = options;
    chance_init(&fake.moods, options->seed, "moods");
    chance_init(&fake.answers, options->seed, "answers");
    for (int i = 0; i < options->n_partners; i++) {
        alarm_init(&fake.partners[i].change, on_change, &fake.partners[i]);
        if (options->moods != 0)
            on_change(&fake.partners[i]);
    }
}

void partners_done(void)
{
    for (int i = 0; i < PARTNERS_MAX; i++)
        alarm_stop(&fake.partners[i].change);
}

void partners_heal(void)
{
    fake.is_healed = true;
    for (int i = 0; i < PARTNERS_MAX; i++) {
        fake.partners[i].mood = MOOD_OK;
        alarm_stop(&fake.partners[i].change);
    }
}

void partners_host(int partner, char ret_name[32])
{
    snprintf(ret_name, 32, "p%d.example", partner);
}

int partners_of_url(struct bytes url)
{
    static const char prefix[] = "https://p";

    if (!bytes_starts(url, bytes_str(prefix)) || url.len < sizeof(prefix))
        return -1;
    return url.ptr[sizeof(prefix) - 1] - '0';
}

static void say_retry_after(struct partner_answer *answer)
{
    int64_t seconds = chance_scale(&fake.answers, 1, 20000);
    char text[64];

    if (chance_is(&fake.answers, 20)) {
        snprintf(answer->retry_after, sizeof(answer->retry_after), "9223372036854775807");
        answer->retry_after_ms = INT64_MAX;
        return;
    }
    if (chance_is(&fake.answers, 100)) {
        snprintf(answer->retry_after, sizeof(answer->retry_after), "soon");
        return;
    }
    answer->retry_after_ms = seconds * 1000;
    if (chance_is(&fake.answers, 800)) {
        snprintf(text, sizeof(text), "%lld", (long long)seconds);
        snprintf(answer->retry_after, sizeof(answer->retry_after), "%s", text);
        return;
    }
    answer->retry_after[0] = '@'; /* a date: written when it is sent */
}

static void answer_limit(struct partner_answer *answer)
{
    answer->status = chance_is(&fake.answers, 800) ? 429 : 423;
    if (chance_is(&fake.answers, 500))
        say_retry_after(answer);
}

static void answer_failing(struct partner_answer *answer)
{
    static const int statuses[] = {500, 502, 503, 503, 504, 408, 599};

    answer->status = statuses[chance_below(&fake.answers, COUNT(statuses))];
    if (answer->status == 503 && chance_is(&fake.answers, 200))
        say_retry_after(answer);
}

static void answer_reset(struct partner_answer *answer)
{
    if (chance_is(&fake.answers, 300))
        return;
    answer->is_processed = chance_is(&fake.answers, 500);
    answer->transport =
        chance_is(&fake.answers, 900) ? TRANSPORT_REFUSED : TRANSPORT_TOO_LARGE;
}

static void answer_gone(struct partner_answer *answer)
{
    static const enum outcome_transport ways[] = {TRANSPORT_REFUSED, TRANSPORT_REFUSED,
                                                  TRANSPORT_DNS, TRANSPORT_TLS,
                                                  TRANSPORT_OTHER};

    answer->is_processed = false;
    answer->transport = ways[chance_below(&fake.answers, COUNT(ways))];
}

static void answer_refuses(struct partner_answer *answer)
{
    static const int statuses[] = {400, 401, 404, 422, 501, 302, 204};

    answer->status = statuses[chance_below(&fake.answers, COUNT(statuses))];
}

static bool is_down(const struct partner *partner)
{
    return (kernel_now_us() - partner->since_us) / partner->flap_us % 2 != 0;
}

static void answer_by_mood(const struct partner *partner, struct partner_answer *answer)
{
    switch (partner->mood) {
    case MOOD_SLOW:
        answer->after_us = chance_scale(&fake.answers, SECOND_US / 10, 70 * SECOND_US);
        break;
    case MOOD_DRIP:
        answer->after_us = INT64_C(3600) * SECOND_US;
        break;
    case MOOD_LIMIT:
        answer_limit(answer);
        break;
    case MOOD_FAILING:
        answer_failing(answer);
        break;
    case MOOD_RESET:
        answer_reset(answer);
        break;
    case MOOD_FLAP:
        if (is_down(partner))
            answer_gone(answer);
        break;
    case MOOD_OUTAGE:
        answer_gone(answer);
        break;
    case MOOD_REFUSES:
        answer_refuses(answer);
        break;
    case MOOD_OK:
    case MOOD_N:
        break;
    }
}

void partners_answer(int number, struct partner_answer *ret_answer)
{
    *ret_answer = (struct partner_answer){
        .after_us = chance_scale(&fake.answers, 500, fake.is_healed ? 20000 : 150000),
        .transport = TRANSPORT_OK,
        .status = 200,
        .is_processed = true,
    };
    answer_by_mood(&fake.partners[number], ret_answer);
    if (ret_answer->status >= 300)
        ret_answer->is_processed = false;
}
