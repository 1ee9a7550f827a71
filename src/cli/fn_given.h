/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * fn_given - what a command line gives to `fn check`, `fn run` and `fn test`: the code,
 * settings, an event.
 */

#include "trial/fn_code.h"
#include "trial/fn_event.h"

struct call;

/* The wish that the first argument and the flags speak. */
void fn_given_wish(const struct call *call, struct fn_code_wish *ret_wish);
/* Finds and reads the file, "-" is standard input; nothing runs. -1: no such file. End
 * with fn_code_close, also after -1. */
must_check
int fn_given_code(struct fn_code *code, const struct fn_code_wish *wish, struct err *err);
/* What fn_settings_read() finds, and --settings, which is JSON or "@FILE". */
must_check
int fn_given_settings(struct fn_settings *settings, const struct call *call,
                      struct fn_code *code, struct err *err);
/* From --event (as fn_event_split; "-" is standard input; a track event when absent) or
 * --request. End with fn_event_done, also after -1. */
must_check
int fn_given_event(struct fn_event *event, const struct fn_settings *settings,
                   const struct call *call, struct err *err);
