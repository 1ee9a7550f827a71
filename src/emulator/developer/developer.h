/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * developer - the Developer Center: what a partner registers, builds and tests (dossier
 * §3.10, §6.1). One page a tab; all are about the first app, or the one of ?app=N.
 */

#include "emulator/oauth/app.h"

struct exchange;

/* False after having answered 404. */
must_check
bool developer_find(struct exchange *exchange, struct app *ret_app);
/* The frame with the tabs; @why: what was wrong with the form (the status is then 400),
 * or NULL. */
void developer_begin(struct exchange *exchange, const struct app *app, const char *tab,
                     const char *why);
/* "/developer/oauth?app=2": an address for this app. */
const char *developer_path(struct exchange *exchange, const struct app *app,
                           const char *path);
