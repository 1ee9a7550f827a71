/* SPDX-License-Identifier: MIT */
#pragma once

/* paths - where a configuration and a data folder put the files of a service. */

struct config;

enum { PATHS_BYTES = 4096 };

void paths_store(const struct config *config, const char *data,
                 char ret_path[PATHS_BYTES]);
void paths_key(const struct config *config, const char *data, char ret_path[PATHS_BYTES]);
