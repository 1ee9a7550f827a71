/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * pattern - the regular expressions of the catalog's validators (dossier §7.5, §7.7).
 *
 * They are written in the dialect that Go and JavaScript share; here they are made the
 * POSIX one: \d \w \s and their opposites, (?:…), and backslashes inside brackets. What
 * neither has in common (look-ahead, lazy repeats, named groups) is INVALID, and who asks
 * decides what that means. Patterns are ours; the texts are a stranger's, and bounded.
 */

#include "base/bytes.h"

enum { PATTERN_BYTES = 1024, PATTERN_TEXT_BYTES = 16384 };

enum pattern_verdict {
    PATTERN_DIFFERS = 0, /* also a text beyond PATTERN_TEXT_BYTES */
    PATTERN_INVALID,     /* the pattern is none, or beyond PATTERN_BYTES */
    PATTERN_MATCHES,
};

/* Matches anywhere in @text unless the pattern is anchored. */
must_check
enum pattern_verdict pattern_match(struct bytes pattern, struct bytes text);
