/* SPDX-License-Identifier: MIT */
#pragma once

/* files - what the program carries of the folder files/: schema, catalog. */

#include "base/bytes.h"

/* "schema.sql": its text, NUL-terminated; a name that is not there ends the process. */
struct bytes files_find(const char *path);
