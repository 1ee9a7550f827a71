/* SPDX-License-Identifier: MIT */
#pragma once

/* pretty - JSON, and what should have been, laid out on a page. */

#include "base/buf.h"

/* <pre> with @text: indented by two when it is JSON, else as it is; escaped. */
void pretty_show(struct buf *out, struct bytes text);
/* Adds @text indented by two when it is JSON, else as it is; not escaped. */
void pretty_print(struct buf *ret_text, struct bytes text);
/* A call of analytics.js that makes this event: analytics.track('Order Completed', {…});
 * of people's own text, escaped. */
void pretty_call(struct buf *out, struct bytes event);
