/* SPDX-License-Identifier: MIT */

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

static noreturn_fn void out_of_memory(void)
{
    fputs("partnerapp: out of memory\n", stderr);
    abort();
}

void *mem_zero(size_t size_bytes)
{
    void *memory = calloc(1, size_bytes > 0 ? size_bytes : 1);

    if (memory == NULL)
        out_of_memory();
    return memory;
}

void *mem_grow(void *old, size_t count, size_t item_bytes)
{
    void *memory = reallocarray(old, count > 0 ? count : 1, item_bytes);

    if (memory == NULL)
        out_of_memory();
    return memory;
}

char *mem_text(const char *text)
{
    char *copy = strdup(text);

    if (copy == NULL)
        out_of_memory();
    return copy;
}
