/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * limits - at most N calls in a sliding window, per token (dossier §7.1: 200 a minute).
 *
 * On the world's clock; bounded memory (the windows of the least recently seen tokens
 * go).
 */

#include "base/bytes.h"

struct limits;

enum { LIMITS_CALLS = 200, LIMITS_WINDOW_MS = 60000, LIMITS_WINDOWS = 4096 };

must_check
struct limits *limits_new(const uint64_t hash_seed[2]);
void limits_free(struct limits *limits);
void limits_clear(struct limits *limits);
/* 0: counted, go on. Else how long until there is room, in milliseconds (≥ 1). */
must_check
int64_t limits_take(struct limits *limits, struct bytes who, int64_t now_ms);
/* What a token has used up, for who tells it (the Public API); counts nothing. */
struct limits_use {
    size_t n_calls;
    int64_t reset_ms; /* until the oldest of them is forgotten; 0: there are none */
};
struct limits_use limits_look(const struct limits *limits, struct bytes who,
                              int64_t now_ms);
