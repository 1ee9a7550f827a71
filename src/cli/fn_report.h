/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * fn_report - what `fn test` says: a line a case and one verdict for people, one object
 * for machines, JUnit's XML for build servers.
 */

#include <stddef.h>

#include "base/attr.h"

struct call;
struct err;
struct fn_cases;
struct fn_code;
struct fn_verdict;

struct fn_report {
    const struct call *call;
    const struct fn_code *code;
    const struct fn_cases *cases;
    const struct fn_verdict *verdicts; /* as many as there are cases */
    size_t n_passed, n_unsupported, n_failed;
    double duration_ms;
};

void fn_report_head(const struct fn_report *report);
/* The line of one case and, when it failed, why. */
void fn_report_line(const struct fn_report *report, const struct fn_verdict *verdict);
void fn_report_end(const struct fn_report *report);
void fn_report_json(const struct fn_report *report);
/* Writes the file. */
must_check
int fn_report_junit(const struct fn_report *report, const char *path, struct err *err);
