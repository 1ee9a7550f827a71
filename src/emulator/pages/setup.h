/* SPDX-License-Identifier: MIT */
#pragma once

/* setup - a page's form makes or changes a destination: what the Config API would do with
 * the same settings, and its rules. */

#include "emulator/config/settings.h"

struct exchange;

/* The settings typed into @exchange's form (settings_form.h) and "enabled". Makes the
 * destination when it is not there. False: @ret_why, and nothing has changed. */
must_check
bool setup_save(struct exchange *exchange, struct bytes destination,
                char ret_why[CONFIG_WHY_BYTES]);
/* Turns it on or off; likewise. */
must_check
bool setup_enable(struct exchange *exchange, struct bytes destination, bool is_enabled,
                  char ret_why[CONFIG_WHY_BYTES]);
/* "/destinations/acme/website/demo" */
const char *setup_path(struct exchange *exchange, struct bytes destination);
