/* SPDX-License-Identifier: MIT */

/* Credentials lie in the answer and may stand in a header, and what is shown of an answer
 * that has some has none of them. */

#include "fuzz/fuzz.h"
#include "segment/assume_role.h"
#include "segment/xml.h"

static void check_part(struct bytes part, struct bytes whole)
{
    CLAIM(part.len > 0 && is_within(part, whole));
    for (size_t i = 0; i < part.len; i++)
        CLAIM(part.ptr[i] > ' ' && part.ptr[i] <= '~');
}

static void check_elements(struct bytes input)
{
    static const char *const paths[] = {"a", "a/b", "ErrorResponse/Error/Code"};
    struct xml_found found;

    for (size_t i = 0; i < COUNT(paths); i++) {
        if (!xml_find(input, paths[i], &found) || found.n_found == 0)
            continue;
        CLAIM(is_within(found.outer, input) && is_within(found.inner, found.outer));
        CLAIM(bytes_starts(found.outer, BYTES("<")));
        CLAIM(bytes_ends(found.outer, BYTES(">")));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct bytes input = bytes_of(data, size);
    struct assume_role_credentials credentials;
    struct bytes code, message;
    struct buf text;

    buf_init(&text, 1 << 20);
    check_elements(input);
    if (assume_role_read(input, &credentials)) {
        check_part(credentials.key_id, input);
        check_part(credentials.secret, input);
        check_part(credentials.token, input);
    }
    if (assume_role_read_error(input, &text, &code, &message)) {
        check_part(code, input);
        CLAIM(message.len <= ASSUME_ROLE_MESSAGE_LEN);
    }
    buf_clear(&text);
    if (assume_role_cut(input, &text)) {
        CLAIM(bytes_find(buf_bytes(&text), BYTES("SecretAccessKey")) == text.len);
        CLAIM(!assume_role_read(buf_bytes(&text), &credentials));
    } else {
        CLAIM(text.len == 0);
    }
    buf_done(&text);
    return 0;
}
