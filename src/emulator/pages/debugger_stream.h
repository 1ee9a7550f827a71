/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * debugger_stream - a source's events as they come in, as Server-Sent Events: each is
 * {"number","kind","title","time","verdict","isGood"}.
 *
 * A stream lives as long as its reader, or its world. Who reads too slowly is cut off; a
 * browser comes back by itself.
 */

struct exchange;

/* GET /sources/{}/{}/debugger/stream */
void debugger_get_stream(struct exchange *exchange);
