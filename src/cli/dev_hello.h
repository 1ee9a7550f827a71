/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * dev_hello - the function that `dev` writes when there is none: twenty lines that work,
 * to be changed.
 */

#include <stdbool.h>

#include "base/attr.h"

struct err;

#define DEV_HELLO_PATH "functions/hello/index.js"

/* Writes it to @path, making the folders, unless there is a file. */
must_check
int dev_hello_write(const char *path, bool *ret_written, struct err *err);
