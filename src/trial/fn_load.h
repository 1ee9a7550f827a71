/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * fn_load - why code does not load, shown with the place that the parser knows.
 */

struct err;
struct fn_code;

/* Describes the failure of a @code that is not ok: for a syntax error the parser is asked
 * for the column. */
void fn_load_describe(const struct fn_code *code, struct err *err);
