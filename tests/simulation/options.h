/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * options - what kind of world a seed is (swarm testing).
 *
 * Each seed switches whole classes of faults on or off, and has another number of
 * subscriptions, another load and other limits: what is rare in an average world is
 * common in some seed's.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "simulation/fake_store.h"

enum { LINES_MAX = 6, PARTNERS_MAX = 5 };

/* What partners are in the mood for; bits of options.moods. */
enum mood {
    MOOD_OK = 0,
    MOOD_SLOW,    /* seconds, at times past the time-out */
    MOOD_DRIP,    /* the time-out, always; the work is done all the same */
    MOOD_LIMIT,   /* 429, with Retry-After or without */
    MOOD_FAILING, /* 5xx */
    MOOD_RESET,   /* connections break off, before the work or after it */
    MOOD_FLAP,    /* up and down every few seconds */
    MOOD_OUTAGE,  /* nobody there, for hours */
    MOOD_REFUSES, /* 400, 404, 422; 501 */
    MOOD_N,
};
const char *mood_text(enum mood mood);

struct line_options { /* a subscription; reloads change limits */
    int partner;
    int attempts;
    int64_t over_ms;
    int concurrency;
    double rate_per_s; /* 0: none */
    int64_t timeout_ms;
    bool is_inline;
    bool has_function; /* with onBatch */
    bool is_isolated;  /* code of one customer each */
    int batch_size;
    int64_t batch_wait_ms;
};

struct options {
    uint64_t seed;
    int64_t length_ms; /* of the time with faults */
    int64_t n_events;
    int n_lines, n_partners, n_keys;
    struct line_options lines[LINES_MAX];
    unsigned moods;       /* bits; 0: all is well, always */
    int64_t mood_most_ms; /* how long one may last */
    struct fake_store_faults store;
    int64_t crash_every_ms, restart_every_ms; /* 0: never */
    int64_t jump_every_ms, jump_most_ms;      /* of the wall clock; 0: never */
    int64_t operate_every_ms;                 /* pauses, replays, limits; 0: never */
    bool has_bursts;
    int payload_most;
    int64_t dedupe_ms;
};

void options_draw(struct options *options, uint64_t seed);
void options_draw_line(struct line_options *line, struct chance *chance);
void options_print(const struct options *options, FILE *out);
/* Nothing can go wrong: every event is to be delivered exactly once. */
bool options_are_mild(const struct options *options);
