/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * log_lines - what a function logged, on standard output: "REQUEST_ID\tline\n" each,
 * where CloudWatch and LogType Tail look. Written at once and with nothing kept back,
 * because the machine may be frozen right after the answer.
 */

#include "base/buf.h"

/* A logged text of several lines becomes as many; a control character a blank, so that
 * nobody can write as somebody else. */
void log_lines_add(struct buf *out, struct bytes request_id, struct bytes text);
/* All of @out to @fd, waiting for whoever reads it. A reader that is gone is no failure:
 * logs must not cost a delivery. */
void log_lines_write(int fd, const struct buf *out);
