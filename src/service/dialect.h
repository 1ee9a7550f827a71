/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * dialect - how a subscription's function is to be read, from the words of the
 * configuration to those of the pool, which do not know each other.
 */

#include "core/config.h"
#include "js/pool.h"

enum pool_generation dialect_generation(const struct config_subscription *config);
/* Below it no runner starts. */
enum sandbox_level dialect_minimum(const struct config *config);
enum pool_eval dialect_eval(const struct config_subscription *config);
