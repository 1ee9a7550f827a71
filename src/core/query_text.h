/* SPDX-License-Identifier: MIT */
#pragma once

/* query_text - how a query's texts are compared with what an event says. */

#include "base/bytes.h"

/* Does '*' stand at an end of it? */
bool query_text_has_star(struct bytes pattern);
/* The same, byte for byte; '*' at an end of @pattern matches any rest. An empty @text
 * matches nothing: there is no such fact. */
bool query_text_matches(struct bytes pattern, struct bytes text);
/* Is @word a part of @text? ASCII case is folded. */
bool query_text_contains(struct bytes text, struct bytes word);
