/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * attention - what somebody should look at: endpoints that fail or take no key, installs
 * that cannot go on, a store that is nearly full, functions that do not load.
 *
 * In courier's thread. At most a few dozen rows, however much is wrong.
 */

struct courier;
struct site;
struct write;

/* Writes {"kind","subject","text","since","path"} objects; path is the console's. */
void attention_write(struct courier *courier, struct site *site, struct write *json);
