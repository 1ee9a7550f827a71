/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * embedded_file - a file of the source tree that the program carries (embed_files.py).
 */

#include "base/bytes.h"

struct embedded_file {
    const char *path; /* from the folder it was taken from; NULL ends a table */
    struct bytes text;
};
