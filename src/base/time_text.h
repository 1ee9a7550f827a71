/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * time_text - times, durations and sizes as people write them.
 *
 * Times are milliseconds since 1970 UTC, no leap seconds, proleptic Gregorian calendar.
 */

#include "base/bytes.h"

enum { TIME_TEXT_LEN = 24 }; /* "2026-09-03T11:58:11.204Z" */

/* RFC 3339 UTC with milliseconds and a NUL; years 0000 to 9999, clamped. */
void time_text_format(int64_t time_ms, char ret_text[TIME_TEXT_LEN + 1]);
/* RFC 3339: a date alone, or date and time with any fraction and Z or an offset. */
must_check
bool time_text_parse(struct bytes text, int64_t *ret_time_ms);
/* "500ms" "30s" "5m" "2h" "7d", a plain number is seconds; no sign, no overflow. */
must_check
bool time_text_parse_duration(struct bytes text, int64_t *ret_duration_ms);
/* "512" "512k" "512KiB" "5MiB" "10M" "1G" "10GiB": all powers of 1024. */
must_check
bool time_text_parse_size(struct bytes text, int64_t *ret_bytes);
/* Shortest exact form: "4h", "90s", "1500ms". */
void time_text_format_duration(int64_t duration_ms, char ret_text[TIME_TEXT_LEN + 1]);
