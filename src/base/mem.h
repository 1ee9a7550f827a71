/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * mem - allocation that cannot fail to the caller.
 *
 * For sizes that we choose. What a stranger's size decides is bounded before (base/buf).
 */

#include <stddef.h>

#include "base/attr.h"

/* Memory of a fixed size: never NULL; the process ends when there is none. Zeroed. */
void *mem_zero(size_t size_bytes) must_check;
#define mem_new(type) ((type *)mem_zero(sizeof(type)))
/* Grows @old (or NULL) to @count items; never NULL. */
void *mem_grow(void *old, size_t count, size_t item_bytes) must_check;
char *mem_text(const char *text) must_check;
