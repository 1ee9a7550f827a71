/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * invent - ids, keys and tokens in Segment's shapes (dossier §1.5), the same for the same
 * seed and order of events.
 *
 * They are derived from the world's seed and a counter, so whoever knows the seed knows
 * them: right for tests, and the reason why the emulator guards nothing of worth.
 */

#include "base/bytes.h"

struct world;

enum { INVENT_BYTES = 128 };

/* Each writes text with a NUL. */
void invent_hex(struct world *world, size_t n_digits, char ret_text[INVENT_BYTES]);
void invent_alphanumeric(struct world *world, size_t len, char ret_text[INVENT_BYTES]);
void invent_uuid(struct world *world, char ret_text[INVENT_BYTES]);
void invent_token(struct world *world, char ret_text[INVENT_BYTES]);  /* 43.43 */
void invent_secret(struct world *world, char ret_text[INVENT_BYTES]); /* 12 characters */
uint32_t invent_u32(struct world *world); /* for jitter and samples */
