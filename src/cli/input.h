/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * input - a file's content, or standard input when its name is "-".
 */

#include "base/buf.h"

struct err;

/* Adds all of it. An absent file is exit 5. */
must_check
int input_read(const char *path, struct buf *ret, struct err *err);
/* The same without the line end that editors add: for keys and shared secrets. Empty is a
 * failure. @flag is named when @path is NULL. */
must_check
int input_read_secret(const char *path, const char *flag, struct buf *ret,
                      struct err *err);
