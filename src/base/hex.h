/* SPDX-License-Identifier: MIT */
#pragma once

/* hex - bytes as hexadecimal digits. */

#include "base/bytes.h"

/* Writes 2 × @len lower-case digits and a NUL to @ret_text. */
void hex_encode(const uint8_t *bytes, size_t len, char *ret_text);
/* Exactly 2 × @len digits of either case, else false. */
must_check
bool hex_decode(struct bytes text, uint8_t *ret_bytes, size_t len);
