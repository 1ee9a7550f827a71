/* SPDX-License-Identifier: MIT */

#include "core/id.h"

enum { PREFIX_LEN = 4, DIGITS = 26, DIGIT_BITS = 5, ROW_BITS = 48, NODE_BITS = 16 };

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
static const uint64_t row_mask = (UINT64_C(1) << ROW_BITS) - 1;

static const char *const prefixes[] = {
    [ID_NONE] = "",        [ID_EVENT] = "evt_", [ID_DELIVERY] = "dlv_",
    [ID_ATTEMPT] = "att_", [ID_KEY] = "key_",   [ID_REPLAY] = "rpl_",
    [ID_TOKEN] = "tok_",   [ID_USER] = "usr_",  [ID_SESSION] = "ses_",
    [ID_AUDIT] = "aud_",
    [ID_EXPORT] = "exp_",
};

void id_format(struct id id, char ret_text[ID_TEXT_LEN])
{
    uint64_t high = ((uint64_t)id.time_ms & row_mask) << NODE_BITS | id.node;
    uint64_t low = (uint64_t)id.extra << ROW_BITS | ((uint64_t)id.row & row_mask);

    memset(ret_text, 0, ID_TEXT_LEN);
    if (id.kind == ID_NONE || id.kind >= COUNT(prefixes))
        return;
    memcpy(ret_text, prefixes[id.kind], PREFIX_LEN);
    for (int i = PREFIX_LEN + DIGITS - 1; i >= PREFIX_LEN; i--) {
        ret_text[i] = alphabet[low & 31];
        low = low >> DIGIT_BITS | high << (64 - DIGIT_BITS);
        high >>= DIGIT_BITS;
    }
}

/* Exactly the alphabet: Crockford's readings of i, l and o would be second names. */
static int digit_value(char c)
{
    const char *at;

    if (c >= 'A' && c <= 'Z')
        c = (char)(c - 'A' + 'a');
    at = memchr(alphabet, c, sizeof(alphabet) - 1);
    return at != NULL ? (int)(at - alphabet) : -1;
}

static enum id_kind kind_of(struct bytes prefix)
{
    for (size_t kind = ID_EVENT; kind < COUNT(prefixes); kind++) {
        if (bytes_eq_nocase(prefix, bytes_str(prefixes[kind])))
            return (enum id_kind)kind;
    }
    return ID_NONE;
}

bool id_parse(struct bytes text, struct id *ret_id)
{
    enum id_kind kind = kind_of(bytes_slice(text, 0, PREFIX_LEN));
    uint64_t high = 0;
    uint64_t low = 0;

    if (kind == ID_NONE || text.len != PREFIX_LEN + DIGITS)
        return false;
    for (size_t i = PREFIX_LEN; i < text.len; i++) {
        int digit = digit_value(text.ptr[i]);

        if (digit < 0 || high >> (64 - DIGIT_BITS) != 0)
            return false;
        high = high << DIGIT_BITS | low >> (64 - DIGIT_BITS);
        low = low << DIGIT_BITS | (uint64_t)digit;
    }
    *ret_id = (struct id){
        .kind = kind,
        .time_ms = (int64_t)(high >> NODE_BITS),
        .node = (uint16_t)high,
        .extra = (uint16_t)(low >> ROW_BITS),
        .row = (int64_t)(low & row_mask),
    };
    return true;
}
