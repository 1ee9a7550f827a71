/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * inspector_show - a recorded call as JSON and as a command.
 */

#include "base/buf.h"

struct emulator;
struct inspector_call;
struct write;

/* One object; without headers and bodies when @is_short. */
void inspector_write(const struct inspector_call *call, bool is_short,
                     struct write *write);
/* curl that makes the call again. Where a credential was hidden stands a variable of
 * `emulator env` ("$SEGMENT_WRITE_KEY"); of a body's it stays hidden. */
void inspector_curl(struct emulator *emulator, const struct inspector_call *call,
                    struct buf *ret_command);
/* Headers that a client makes by itself: they are not repeated. */
must_check
bool inspector_is_clients_own(struct bytes name);
