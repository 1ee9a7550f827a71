/* SPDX-License-Identifier: MIT */

#include "service/access/principal.h"

const char *principal_kind_text(enum principal_kind kind)
{
    static const char *const texts[] = {[PRINCIPAL_NOBODY] = "nobody",
                                        [PRINCIPAL_DEV] = "dev",
                                        [PRINCIPAL_TOKEN] = "token",
                                        [PRINCIPAL_USER] = "user"};

    return texts[kind];
}
