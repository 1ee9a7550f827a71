/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * id - public names of rows: a prefix and 26 Crockford base32 characters, time first.
 *
 * They hold the row's millisecond time, node and number reversibly, so no table needs an
 * id column and no index (architecture §4). Layout of the 130 bits, high to low: 2 zero,
 * 48 time_ms, 16 node, 16 extra, 48 row. `extra` is the subscription in a dlv_, the
 * attempt's ordinal in an att_, zero elsewhere. Sorting the text sorts by time.
 */

#include "base/bytes.h"

enum id_kind {
    ID_NONE = 0,
    ID_EVENT,
    ID_DELIVERY,
    ID_ATTEMPT,
    ID_KEY,
    ID_REPLAY,
    ID_TOKEN,
    ID_USER,
    ID_SESSION,
    ID_AUDIT,
    ID_EXPORT,
};

enum { ID_TEXT_LEN = 31 }; /* "evt_" + 26, and a NUL */

struct id {
    enum id_kind kind;
    int64_t time_ms; /* 0 to 2^48-1 */
    uint16_t node;
    uint16_t extra;
    int64_t row; /* 0 to 2^48-1 */
};

void id_format(struct id id, char ret_text[ID_TEXT_LEN]);
/* Either case; exactly the 26 characters; false on anything else. */
must_check
bool id_parse(struct bytes text, struct id *ret_id);
