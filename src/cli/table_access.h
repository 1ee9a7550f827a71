/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * table_access - the rows of `user` and `audit` for the table in command.h.
 */

#include "cli/command.h"

size_t table_access_count(void);
const struct command *table_access_at(size_t index);
