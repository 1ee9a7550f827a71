/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * settings_form - a destination's settings as fields of a form, one for each that its
 * catalog item defines; field names are "s-" and the key.
 *
 * Lists, maps and mixed values are typed as JSON.
 */

#include "emulator/config/settings.h"

struct exchange;

/* What is typed in the fields, or what @values has (may be NULL) when @is_posted is
 * false. A key called @but (may be NULL) has no field. */
struct settings_form {
    const struct json *item, *values;
    const struct json *sensitive; /* definition_sensitive's; may be NULL */
    const char *but;
    bool is_posted;
};

void settings_form_show(struct exchange *exchange, const struct settings_form *form);
/* Sets them in @values; an empty field unsets. False: @ret_why, for people. */
must_check
bool settings_form_read(struct exchange *exchange, const struct settings_form *form,
                        struct json *values, char ret_why[CONFIG_WHY_BYTES]);
