/* SPDX-License-Identifier: MIT */

#include "core/dedupe.h"

enum { LENGTHS_LEN = 16 };

/* Lengths are hashed too: ("ab", "c") must not be ("a", "bc"). */
static void put_length(uint8_t to[8], size_t len)
{
    for (int i = 0; i < 8; i++)
        to[i] = (uint8_t)((uint64_t)len >> (8 * i));
}

void dedupe_mark_of(struct bytes owner, struct bytes message_id,
                    const uint8_t content[SHA256_LEN], struct dedupe_mark *ret_mark)
{
    uint8_t lengths[LENGTHS_LEN] = {0};
    uint8_t sum[SHA256_LEN];
    const struct bytes parts[] = {
        bytes_of(lengths, sizeof(lengths)),
        owner,
        message_id,
        bytes_of(content, SHA256_LEN),
    };

    put_length(lengths, owner.len);
    put_length(lengths + LENGTHS_LEN / 2, message_id.len);
    sha256_sum(parts, COUNT(parts), sum);
    memcpy(ret_mark->bytes, sum, DEDUPE_MARK_LEN);
}
