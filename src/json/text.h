/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * text - what may stand inside a JSON string: plain runs, UTF-8 sequences, escapes.
 *
 * Shared by the reader and the writers of JSON, so that they agree on what UTF-8 is: what
 * base/utf8 says.
 */

#include "base/bytes.h"

enum { TEXT_SEQUENCE_MAX = 4, TEXT_ESCAPE_MAX = 6 };

/* How many bytes from the start are ASCII and neither '"', '\\' nor a control. */
size_t text_plain_len(const char *ptr, size_t len);
/* The length, 1 to 4, of the well-formed sequence at the start; 0: there is none. */
size_t text_sequence_len(const char *ptr, size_t len);
/* Takes the code point at the start of well-formed, non-empty UTF-8. */
uint32_t text_take_point(struct bytes *text);
/* The UTF-8 of a code point that is no surrogate; returns its length. */
size_t text_encode(uint32_t point, char ret_sequence[TEXT_SEQUENCE_MAX]);
/*
 * The escape that JSON.stringify writes for this code point; 0: it needs none. Needed by
 * '"', '\\', controls below U+0020 and (lone) surrogates.
 */
size_t text_escape(uint32_t point, char ret_escape[TEXT_ESCAPE_MAX]);

static inline bool text_is_surrogate(uint32_t point)
{
    return point >= 0xd800 && point <= 0xdfff;
}
