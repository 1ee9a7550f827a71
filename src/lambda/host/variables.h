/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * variables - the environment variables of an environment (dossier §5.5).
 *
 * This program's own come first, what AWS says replaces them, and the options' replace
 * that. What tells who calls AWS (AWS_REGION, the credentials) is left as it is where it
 * is set, so that a function may call real services.
 */

#include "lambda/host/host_state.h"

/* NULL-terminated, in @arena. */
must_check
const char **variables_make(const struct environment *environment, struct arena *arena);
