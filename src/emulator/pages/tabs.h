/* SPDX-License-Identifier: MIT */
#pragma once

/* tabs - the pages that one thing has, side by side; links, so each has its address. */

#include "base/buf.h"

struct tab {
    const char *label; /* NULL ends a list */
    const char *path;
};

/* @name: of the navigation, for who cannot see it; the tab called @current is marked. */
void tabs_show(struct buf *out, const char *name, const struct tab *tabs,
               const char *current);
