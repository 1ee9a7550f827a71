/* SPDX-License-Identifier: MIT */
#pragma once

/* areas - the roles that there are; each is defined in the file named beside it. */

#include "emulator/route.h"

extern const struct area control_area;  /* control.c: /_emulator/… */
extern const struct area tracking_area; /* tracking.c: /v1/… */
extern const struct area page_area;     /* pages.c: everything else */
