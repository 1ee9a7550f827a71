/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * fn_project - what the project's configuration says of a function: --config, else
 * partnerapp.yaml in the working directory.
 *
 * Of the first subscription whose function is this very file come generation, allow_eval,
 * isolation, function_timeout, slice and settings, so that a run here is the run of the
 * service. Flags win. A configuration with problems is not used, and a warning says so:
 * code can be tried before it is configured well.
 */

#include "base/attr.h"

struct call;
struct err;
struct fn_code;

/* Into wish and configured of a @code that has been read. -1: --config names no file. */
must_check
int fn_project_read(struct fn_code *code, const struct call *call, struct err *err);
