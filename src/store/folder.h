/* SPDX-License-Identifier: MIT */
#pragma once

/* folder - a new file's name is as precious as its content. */

#include "base/attr.h"

struct err;

/* Syncs the folder that @path lies in. */
must_check
int folder_sync(const char *path, struct err *err);
