/* SPDX-License-Identifier: MIT */

/* Which role takes which paths (interface §9). */

#include "emulator/frame/areas.h"

#include <stddef.h>

const struct area *const main_areas[] = {
    &control_area,     /* /_emulator/ */
    &requests_area,    /* /requests/ */
    &faults_area,      /* /faults/ */
    &differences_area, /* /differences/ */
    &oauth_area,       /* /oauth2/ */
    &login_area,       /* /login/ */
    &authorize_area,   /* /authorize/ */
    &config_area,      /* /v1beta/ */
    &tracking_area,    /* /v1/ */
    &invoke_area,      /* /2015-03-31/ */
    &page_area,        /* all else */
    NULL,
};

const struct area *const public_areas[] = {
    &public_area,
    NULL,
};
