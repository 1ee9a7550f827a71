/* SPDX-License-Identifier: MIT */
#pragma once

/* query_text - how a query's texts are compared with what an event says. */

#include "base/bytes.h"

/* Does '*' stand at an end of it? */
bool query_text_has_star(struct bytes pattern);
/* The same, byte for byte; '*' at an end of @pattern matches any rest. An empty @text
 * matches nothing: there is no such fact. */
bool query_text_matches(struct bytes pattern, struct bytes text);
/* Is @word, in lower case, a part of @text? ASCII case is folded. In time that grows with
 * their lengths added, whatever they are. */
bool query_text_contains(struct bytes text, struct bytes word);
/* ASCII capitals to small letters; @ret_text has room for all. */
void query_text_fold(struct bytes text, char *ret_text);
/* Does a value at the dotted @path of @payload, JSON, match @pattern? Texts by what they
 * mean; numbers, true, false and null as they are written; a list when one of its
 * elements does; of objects none, though '*' alone asks whether there is anything. */
bool query_text_at_path(struct bytes payload, struct bytes path, struct bytes pattern);
