/* SPDX-License-Identifier: MIT */
#pragma once

/* cm - cmocka and the headers that it wants, in the order that it wants them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
