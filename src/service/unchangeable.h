/* SPDX-License-Identifier: MIT */
#pragma once

/* unchangeable - what of a configuration is taken once, at the start. */

#include "core/config.h"

/* -1 with PA1022 when @wanted has another address, store or master key file than @now. */
must_check
int unchangeable_check(const struct config *now, const struct config *wanted,
                       struct err *err);
