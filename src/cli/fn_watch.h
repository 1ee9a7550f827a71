/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * fn_watch - waits until a function, one of its tests, mocks or its settings are saved.
 *
 * Opened before the code is read, so that nothing that is saved meanwhile is missed.
 */

#include "base/attr.h"

struct err;
struct fn_watch;

/* Watches the file at @path and the tests, mocks and settings.json in @folder. */
must_check
int fn_watch_open(const char *path, const char *folder, struct fn_watch **ret_watch,
                  struct err *err);
void fn_watch_close(struct fn_watch *watch); /* NULL is fine */

enum { FN_WATCH_SAVED = 1 };
/* Blocks. 0: Ctrl-C, or SIGTERM. @signals: signals_open(). */
int fn_watch_wait(struct fn_watch *watch, int signals);
