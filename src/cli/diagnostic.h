/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * diagnostic - a failure in the shape of ux §2.6 (people) or §2.4 (machines).
 *
 *     error[CODE]: what
 *       --> file:line:column and the marked source
 *       = help: what to type
 *       = explain: partnerapp explain CODE        (only on a terminal)
 */

#include "cli/print.h"

struct err;

void diagnostic_print(const struct print *print, const struct err *err);
/* "warning[…]" instead of "error[…]". */
void diagnostic_warn(const struct print *print, const struct err *err);
/* Adds {"error":{…}}, one line without its end. */
void diagnostic_json(const struct err *err, struct buf *ret_json);
/* As above of the first, with all of them in "problems". */
void diagnostic_json_all(const struct err *errs, size_t n_errs, struct buf *ret_json);
/* The exit code of an err; an unset one counts as failed. */
int diagnostic_exit(const struct err *err);
