/* SPDX-License-Identifier: MIT */
#pragma once

/* faults_command - a fault (faults_row.h) as the command that sets it, for a script:
 * "partnerapp emulator fault set sink --status 503 --for 20s". */

#include "base/buf.h"

struct json;

/* What of @fault is no text or number where one belongs is left out. Of "until" and
 * "times" what is left at @now_ms. */
void faults_command(const struct json *fault, int64_t now_ms, struct buf *ret_command);
/* How long it still lasts, as text: "for" as it stands, or what is left of "until".
 * Empty: by count only. */
void faults_command_span(const struct json *fault, int64_t now_ms, struct buf *ret_span);
/* How often it still happens; 0: no count. */
int64_t faults_command_times(const struct json *fault);
