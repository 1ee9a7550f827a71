/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * number - numbers as ECMAScript prints them: the shortest digits that read back as the
 * same double; plain from 1e-6 up to 1e21, with an exponent outside (dossier §3.5).
 *
 * Independent of the locale. Minus zero prints as 0, what is not finite as null.
 */

#include "base/bytes.h"

enum { NUMBER_TEXT_MAX = 32 };

/* Each returns the length; the text is not NUL-terminated. */
size_t number_format(double value, char ret_text[NUMBER_TEXT_MAX]);
/* What JSON.stringify prints for a number that scan_json has accepted. */
size_t number_canonical(struct bytes number, char ret_text[NUMBER_TEXT_MAX]);
/* The nearest double; infinite when it is too large. For accepted numbers. */
double number_parse(struct bytes number);
