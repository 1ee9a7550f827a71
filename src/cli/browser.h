/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * browser - a page in the browser of whoever sits before this machine.
 */

#include <stdbool.h>

/* Whether this is a desktop session with somebody in front of it. */
bool browser_has_desktop(void);
/* Opens @url and does not wait. Without a browser nothing happens: the caller has also
 * printed it. */
void browser_open(const char *url);
