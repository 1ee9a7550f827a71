/* SPDX-License-Identifier: MIT */

/* Which role takes which paths (interface §9). */

#include "emulator/areas.h"

#include <stddef.h>

const struct area *const main_areas[] = {
    &control_area,   &oauth_area,  &login_area,
    &authorize_area, &config_area, &tracking_area,
    &invoke_area,    &page_area,   NULL,
};

const struct area *const public_areas[] = {
    &public_area,
    NULL,
};
