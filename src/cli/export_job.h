/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * export_job - `events export -o FILE`: the service writes the file, this waits for it
 * and takes it. Ctrl-C ends only this, and says how to go on.
 */

#include <stdint.h>

#include "base/attr.h"

struct call;
struct err;

/* The call's query, or the export that --resume names, into the file @name. */
must_check
int export_job_run(const struct call *call, const char *name, int64_t *ret_n,
                   struct err *err);
