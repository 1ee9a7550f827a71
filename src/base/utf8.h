/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * utf8 - what UTF-8 is: shortest form, no surrogates, nothing above U+10FFFF (RFC 3629).
 */

#include "base/bytes.h"

enum { UTF8_SEQUENCE_MAX = 4 };

/* The length, 1 to 4, of the sequence that this byte may begin; 0: none. */
size_t utf8_announced_len(uint8_t first);
/* The length, 1 to 4, of the well-formed sequence at the start; 0: there is none. */
size_t utf8_sequence_len(const char *ptr, size_t len);
