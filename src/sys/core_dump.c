/* SPDX-License-Identifier: MIT */

#include "sys/core_dump.h"

#include <sys/resource.h>

void core_dump_forbid(void)
{
    const struct rlimit none = {0, 0};

    (void)setrlimit(RLIMIT_CORE, &none); /* less is never refused */
}
