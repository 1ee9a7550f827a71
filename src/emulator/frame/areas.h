/* SPDX-License-Identifier: MIT */
#pragma once

/* areas - the roles that there are; each is defined in the file named beside it. */

#include "emulator/frame/route.h"

extern const struct area control_area;     /* control.c: /_emulator/… */
extern const struct area page_area;        /* pages.c: everything else */
extern const struct area requests_area;    /* requests_page.c: /requests/… */
extern const struct area faults_area;      /* faults_page.c: /faults */
extern const struct area differences_area; /* differences.c: /differences */
extern const struct area oauth_area;       /* authorize.c: /oauth2/… */
extern const struct area login_area;       /* login_page.c: /login */
extern const struct area authorize_area;   /* consent_page.c: /authorize */
extern const struct area config_area;      /* config.c: /v1beta/… */
extern const struct area tracking_area;    /* tracking.c: /v1/… */
extern const struct area public_area;      /* public.c: the Public API's own port */
extern const struct area invoke_area;      /* invoke.c: /2015-03-31/… */
