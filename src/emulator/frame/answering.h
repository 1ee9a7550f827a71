/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * answering - the listeners: requests in, handlers found and run under the lock, answers
 * out.
 */

#include "base/attr.h"

struct answering;
struct emulator;
struct err;

must_check
int answering_start(struct emulator *emulator, struct answering **ret_answering,
                    struct err *err);
void answering_stop(struct answering *answering); /* NULL is fine */
int answering_port(const struct answering *answering);
int answering_public_port(const struct answering *answering); /* -1: none */
