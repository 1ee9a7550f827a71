/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * table_enable - the rows of `install` and `segment` for the table in command.h, with
 * their flags.
 */

#include "cli/command.h"

size_t table_enable_count(void);
const struct command *table_enable_at(size_t index);
