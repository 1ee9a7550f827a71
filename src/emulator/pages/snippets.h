/* SPDX-License-Identifier: MIT */
#pragma once

/* snippets - "Point an SDK here": what to write in each language so that its events come
 * to this program. */

struct exchange;

/* With the first source's write key. */
void snippets_show(struct exchange *exchange);
