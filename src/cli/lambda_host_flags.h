/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * lambda_host_flags - the flags of `lambda serve` and `lambda invoke`, for the table in
 * command.h.
 */

#include "cli/command.h"

extern const struct flag lambda_serve_flags[];
extern const struct flag lambda_invoke_flags[];
