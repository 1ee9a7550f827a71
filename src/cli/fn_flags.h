/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * fn_flags - the flags of the commands about functions, for the table in command.h.
 */

#include "cli/command.h"

extern const struct flag fn_check_flags[];
extern const struct flag fn_run_flags[];
extern const struct flag fn_test_flags[];
extern const struct flag fn_new_flags[];
extern const struct flag lambda_package_flags[];
