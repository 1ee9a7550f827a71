/* SPDX-License-Identifier: MIT */

/* What a callback gives is bounded and clean, a code or a refusal and never both, and
 * says the same when it is written anew. */

#include "core/oauth.h"

#include "base/form.h"
#include "fuzz/fuzz.h"

static bool is_visible(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] <= ' ' || text.ptr[i] > '~')
            return false;
    }
    return true;
}

static void check_round_trip(const struct oauth_callback *callback)
{
    struct oauth_callback again;
    struct buf query;
    struct buf scratch;

    buf_init(&query, 8192);
    buf_init(&scratch, 8192);
    CLAIM(form_add(&query, "code", callback->code, FORM_SPACE_PLUS) == 0);
    CLAIM(form_add(&query, "state", callback->state, FORM_SPACE_PLUS) == 0);
    CLAIM(oauth_callback_read(buf_bytes(&query), &scratch, &again) ==
          OAUTH_CALLBACK_CODE);
    CLAIM(bytes_eq(again.code, callback->code) && bytes_eq(again.state, callback->state));
    /* What comes twice is nobody's. */
    CLAIM(form_add(&query, "code", callback->code, FORM_SPACE_PLUS) == 0);
    CLAIM(oauth_callback_read(buf_bytes(&query), &scratch, &again) ==
          OAUTH_CALLBACK_MALFORMED);
    buf_done(&query);
    buf_done(&scratch);
}

static void check(struct bytes query)
{
    struct oauth_callback callback;
    struct buf scratch;
    enum oauth_callback_verdict verdict;

    buf_init(&scratch, 8192);
    verdict = oauth_callback_read(query, &scratch, &callback);
    if (verdict == OAUTH_CALLBACK_MALFORMED) {
        CLAIM(callback.code.len == 0 && callback.state.len == 0);
        CLAIM(callback.issuer.len == 0 && callback.description.len == 0);
    } else {
        CLAIM(callback.state.len == OAUTH_STATE_LEN && is_visible(callback.state));
        CLAIM(is_within(callback.state, buf_bytes(&scratch)));
        CLAIM(is_visible(callback.issuer) && callback.issuer.len <= 512);
        CLAIM(bytes_index(query, '#') == query.len && query.len <= 8192);
    }
    CLAIM((verdict == OAUTH_CALLBACK_REFUSED) ==
          (callback.refusal != OAUTH_REFUSAL_NONE));
    CLAIM((verdict == OAUTH_CALLBACK_CODE) == (callback.code.len > 0));
    CLAIM(callback.description.len <= 200);
    CLAIM(is_within(callback.description, buf_bytes(&scratch)));
    if (verdict == OAUTH_CALLBACK_CODE) {
        CLAIM(is_visible(callback.code) && callback.code.len <= OAUTH_CODE_MAX);
        CLAIM(is_within(callback.code, buf_bytes(&scratch)));
        check_round_trip(&callback);
    }
    buf_done(&scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes input = bytes_of(data, size);
    struct buf query;

    check(input);
    /* Once more behind a good state, which mutation rarely makes. */
    buf_init(&query, size + 64);
    (void)buf_add_text(&query, "state=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN-_0&");
    (void)buf_add(&query, input);
    check(buf_bytes(&query));
    buf_done(&query);
    return 0;
}
