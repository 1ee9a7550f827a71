/* SPDX-License-Identifier: MIT */

#include "service/paths.h"

#include <stdio.h>
#include <string.h>

#include "core/config.h"

void paths_store(const struct config *config, const char *data,
                 char ret_path[PATHS_BYTES])
{
    if (config->store != NULL && strncmp(config->store, "sqlite:", 7) == 0)
        snprintf(ret_path, PATHS_BYTES, "%s", config->store + 7);
    else
        snprintf(ret_path, PATHS_BYTES, "%s/partnerapp.db", data);
}

void paths_key(const struct config *config, const char *data, char ret_path[PATHS_BYTES])
{
    if (config->master_key_file != NULL)
        snprintf(ret_path, PATHS_BYTES, "%s", config->master_key_file);
    else
        snprintf(ret_path, PATHS_BYTES, "%s/master.key", data);
}
