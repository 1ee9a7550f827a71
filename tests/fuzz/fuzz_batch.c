/* SPDX-License-Identifier: MIT */

/* An array of events as the receiver takes it apart: the elements lie within the text, in
 * its order, are JSON each, and joined again they are the same array. */

#include "base/buf.h"
#include "fuzz/fuzz.h"
#include "json/scan.h"

enum { OUT_BYTES = 4 << 20 };

struct split {
    struct bytes whole;
    const char *end; /* of the element before */
    struct buf joined;
    size_t n;
};

static void on_element(void *arg, size_t index, const struct scan_span *element)
{
    struct split *split = arg;
    struct scan_span root;
    struct scan_fault fault;

    CLAIM(index == split->n++);
    CLAIM(element->text.len > 0 && is_within(element->text, split->whole));
    CLAIM(split->end == NULL || element->text.ptr > split->end);
    CLAIM(scan_json(element->text, NULL, &root, &fault));
    CLAIM(root.kind == element->kind && bytes_eq(root.text, element->text));
    split->end = element->text.ptr + element->text.len - 1;
    (void)buf_add_char(&split->joined, split->n > 1 ? ',' : '[');
    (void)buf_add(&split->joined, element->text);
}

static void count_element(void *arg, size_t index, const struct scan_span *element)
{
    (void)index;
    (void)element;
    ++*(size_t *)arg;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct split split = {.whole = bytes_of(data, size)};
    const struct scan_visitor visitor = {.arg = &split, .element = on_element};
    struct scan_span root;
    struct scan_fault fault;

    buf_init(&split.joined, OUT_BYTES);
    if (!scan_json(split.whole, &visitor, &root, &fault)) {
        CLAIM(fault.why != NULL && fault.offset <= size);
    } else if (root.kind != SCAN_ARRAY) {
        CLAIM(split.n == 0);
    } else {
        size_t n = 0;
        const struct scan_visitor again = {.arg = &n, .element = count_element};

        if (split.n == 0)
            (void)buf_add_char(&split.joined, '[');
        (void)buf_add_char(&split.joined, ']');
        CLAIM(scan_json(buf_bytes(&split.joined), &again, &root, &fault));
        CLAIM(n == split.n);
    }
    buf_done(&split.joined);
    return 0;
}
