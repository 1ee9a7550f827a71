/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * shell_word - a word of a command that people paste into a shell.
 */

#include "base/buf.h"

/* Adds @word, in quotes where a shell would read it otherwise. */
void shell_word(struct bytes word, struct buf *ret_command);
