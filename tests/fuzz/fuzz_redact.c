/* SPDX-License-Identifier: MIT */

/* Settings, a NUL, and a text that quotes some of them. What comes out has none of the
 * secrets, unless the mask itself made one; and what had none stays as it is. */

#include "base/buf.h"
#include "core/redact.h"
#include "fuzz/fuzz.h"
#include "json/scan.h"

static bool has(struct bytes text, struct bytes secret)
{
    return secret.len <= text.len &&
           memmem(text.ptr, text.len, secret.ptr, secret.len) != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct redact redact = {0};
    struct bytes text = bytes_of(data, size);
    struct bytes settings = bytes_take_until(&text, '\0');
    struct bytes got;
    struct buf out;
    bool had_one = false;

    redact_add_settings(&redact, settings);
    buf_init(&out, 1 << 20);
    CLAIM(redact.n_secrets <= REDACT_MAX && redact.n_unescaped <= redact.n_secrets);
    for (size_t i = 0; i < redact.n_secrets; i++)
        had_one |= has(text, redact.secrets[i]);
    if (redact_text(&redact, text, &out) == 0) {
        got = buf_bytes(&out);
        CLAIM(had_one || bytes_eq(got, text));
        /* Of two that overlap the first is masked, and a rest of the other stays. */
        if (redact.n_secrets == 1 && !has(redact.secrets[0], BYTES("•")))
            CLAIM(!has(got, redact.secrets[0]));
    }
    buf_done(&out);
    redact_done(&redact);
    return 0;
}
