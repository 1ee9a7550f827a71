/* SPDX-License-Identifier: MIT */

/* Which role takes which paths (interface §9). */

#include "emulator/areas.h"

#include <stddef.h>

const struct area *const main_areas[] = {
    &control_area, &requests_area, &faults_area, &differences_area, &page_area, NULL,
    &control_area, &oauth_area, &login_area, &authorize_area, &page_area, NULL,
    &control_area,
    &tracking_area,
    &page_area,
    NULL,
};

const struct area *const public_areas[] = {
    &page_area,
    NULL,
};
