/* SPDX-License-Identifier: MIT */

/*
 * The input is a condition, an event and actions with a line break between them. What is
 * no condition says why and where; a condition and its negation never agree; an event
 * that is kept is compact JSON, has no new members, and is left as it is by the same
 * field actions again.
 */

#include "base/err.h"
#include "fuzz/fuzz.h"
#include "segment/filter.h"
#include "json/compact.h"
#include "json/json.h"
#include "json/scan.h"

enum { OUT_BYTES = 1 << 20 };

static void check_why(struct bytes text, const char *why)
{
    size_t len = strlen(why);
    size_t at = 0;
    size_t place = len;

    CLAIM(len > 0 && len < 128);
    while (place > 0 && why[place - 1] >= '0' && why[place - 1] <= '9')
        place--;
    for (size_t i = place; i < len; i++)
        at = at * 10 + (size_t)(why[i] - '0');
    CLAIM(text.len > FILTER_MAX_BYTES || (place < len && at <= text.len));
}

/* An empty condition has no negation, and one at the greatest depth none either. */
static void check_negated(struct bytes text, bool holds, struct bytes event)
{
    struct filter_expr *negated;
    struct arena arena;
    struct buf longer;
    char why[128];

    arena_init(&arena);
    buf_init(&longer, FILTER_MAX_BYTES);
    if (buf_add(&longer, BYTES("!(")) == 0 && buf_add(&longer, text) == 0 &&
        buf_add(&longer, BYTES(")")) == 0) {
        negated = filter_parse(buf_bytes(&longer), &arena, why);
        CLAIM(negated == NULL || filter_holds(negated, event) != holds);
    }
    buf_done(&longer);
    arena_done(&arena);
}

static void check_condition(struct bytes text, struct bytes event)
{
    struct filter_expr *expr;
    struct arena arena;
    char why[128];

    arena_init(&arena);
    expr = filter_parse(text, &arena, why);
    if (expr == NULL)
        check_why(text, why);
    else
        check_negated(text, filter_holds(expr, event), event);
    arena_done(&arena);
}

static void check_kept(const struct json *actions, struct bytes event, struct bytes left)
{
    struct scan_span root;
    struct scan_fault fault;
    struct buf again;

    CLAIM(scan_json(left, NULL, &root, &fault));
    CLAIM(root.kind == SCAN_OBJECT && root.text.len == left.len);
    CLAIM(left.len <= event.len);
    buf_init(&again, OUT_BYTES);
    CLAIM(compact_print(left, &again) == 0 && bytes_eq(buf_bytes(&again), left));
    buf_clear(&again);
    /* 0 passes every sample but one by a value that the first run has dropped or one of
     * 0 percent. */
    if (filter_apply(actions, left, 0, &again) == FILTER_KEPT)
        CLAIM(bytes_eq(buf_bytes(&again), left));
    buf_done(&again);
}

static void check_actions(struct bytes text, struct bytes event)
{
    struct json *actions = NULL;
    struct err err;
    struct buf left;

    if (json_parse(text, &actions, &err) < 0)
        return;
    buf_init(&left, OUT_BYTES);
    if (filter_check_actions(actions)[0] == '\0' &&
        filter_apply(actions, event, 0, &left) == FILTER_KEPT)
        check_kept(actions, event, buf_bytes(&left));
    buf_done(&left);
    json_free(actions);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct bytes sample =
        BYTES("{\"type\":\"track\",\"n\":3,\"a\":{\"b\":[1,\"\\u00c9\"]},\"t\":true}");
    struct bytes actions = bytes_of(data, size);
    struct bytes condition = bytes_take_until(&actions, '\n');
    struct bytes event = bytes_take_until(&actions, '\n');
    struct scan_span root;
    struct scan_fault fault;

    if (event.len == 0 || !scan_json(event, NULL, &root, &fault))
        event = sample;
    check_condition(condition, event);
    check_actions(actions, event);
    return 0;
}
