/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * table_lambda - the rows of `lambda` for the table in command.h, with their flags.
 */

#include "cli/command.h"

size_t table_lambda_count(void);
const struct command *table_lambda_at(size_t index);
