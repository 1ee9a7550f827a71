/* SPDX-License-Identifier: MIT */

#include "content.h"

#include "chance.h"
#include "ledger.h"

unsigned content_user(unsigned number)
{
    return (unsigned)(chance_mix(number + 1) % LEDGER_USERS);
}

/* Most are as events are; now and then one takes pages of its own. */
static size_t filler_bytes(uint64_t hash)
{
    if (hash % 40 == 0)
        return 4000 + (hash >> 8) % 20000;
    return (hash >> 8) % 700;
}

void content_make(unsigned number, struct buf *ret_text)
{
    static char filler[CONTENT_MAX_BYTES];
    uint64_t hash = chance_mix(number + UINT64_C(77));

    if (filler[0] == '\0') {
        for (size_t i = 0; i < sizeof(filler); i++)
            filler[i] = (char)('a' + chance_mix(i) % 26);
    }
    buf_clear(ret_text);
    buf_addf(
        ret_text,
        "{\"type\":\"track\",\"event\":\"E\",\"userId\":\"u%u\",\"messageId\":\"m%u\","
        "\"properties\":{\"x\":\"",
        content_user(number), number);
    (void)buf_add(ret_text, bytes_of(filler + hash % 1000, filler_bytes(hash)));
    (void)buf_add(ret_text, BYTES("\"}}"));
}

void content_mark(unsigned number, uint8_t ret_mark[16])
{
    uint64_t half = chance_mix(number + UINT64_C(1) + (UINT64_C(1) << 40));

    memcpy(ret_mark, &half, sizeof(half));
    half = chance_mix(half);
    memcpy(ret_mark + sizeof(half), &half, sizeof(half));
}
