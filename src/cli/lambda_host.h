/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * lambda_host - a Lambda host (lambda/host) with what the command line says of it: what
 * `lambda serve` and `lambda invoke` share.
 */

#include "lambda/host/host.h"
#include "trial/fn_code.h"

struct call;

struct lambda_host {
    struct loop *loop;
    struct host *host;
    struct fn_code code; /* of a function of ours: its path */
    const char *shown;   /* what is run, for people */
    const char *command[6];
    const char *environment[2];
    char program[FN_CODE_PATH], path[FN_CODE_PATH], task_root[FN_CODE_PATH];
};

/*
 * Starts it for @function, or for the shell's text @command when that is NULL. @options
 * says where to listen and whom to tell; the rest is read from @call's flags, where it
 * has them. End with lambda_host_stop, also after -1.
 */
must_check
int lambda_host_start(struct lambda_host *host, struct call *call, const char *function,
                      const char *command, struct host_options *options, struct err *err);
void lambda_host_stop(struct lambda_host *host);
