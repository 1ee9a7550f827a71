/* SPDX-License-Identifier: MIT */
#pragma once

/* suggest - "did you mean …?": the known word that a mistyped one is nearest to. */

#include "base/bytes.h"

/* The fewest insertions, deletions, replacements and swaps of neighbours that make @a of
 * @b, ASCII case folded; words above 64 bytes are as far apart as they are long. */
size_t suggest_distance(struct bytes a, struct bytes b);
/* The nearest of @words (NULLs are skipped), or NULL when none is near enough to be
 * meant: at most a third of the word may differ, and at least one letter may. */
const char *suggest_nearest(struct bytes word, const char *const *words, size_t n_words);
