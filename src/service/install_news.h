/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * install_news - what has happened to an install, as a line for the terminal of `dev`.
 */

#include "service/registrar.h"
#include "service/service.h"

struct install_news {
    struct service_notice notice; /* points into the texts below */
    char detail[64], state[512];
};

/* False: nothing that a person would be told. */
must_check
bool install_news(struct install_news *news, enum registrar_event event,
                  const struct registrar_result *result);
