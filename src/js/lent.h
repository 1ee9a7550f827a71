/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * lent - natives that need no host: random bytes, digests, signatures, packages.
 *
 * Each works on its arguments alone; there is nothing here that reaches out of the
 * sandbox. Which JavaScript they serve: runtime/crypto.js, runtime/packages.js.
 */

#include "js/engine.h"

extern const struct engine_native lent_natives[];
/* Once, before the system calls are locked. */
void lent_warm_up(void);
