/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * plain_flags - the flags of `dev`, `trigger` and the commands about keys and signatures,
 * for the table in command.h.
 */

#include "cli/command.h"

extern const struct flag dev_flags[];
extern const struct flag trigger_flags[];
extern const struct flag keys_create_flags[];
extern const struct flag token_create_flags[];
extern const struct flag verify_flags[];
extern const struct flag sign_flags[];
