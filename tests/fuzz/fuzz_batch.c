/* SPDX-License-Identifier: MIT */

/* An array of events as the receiver takes it apart: the elements lie within the text, in
 * its order, are JSON each, and joined again they are the same array. Taken element by
 * element, or whole, it is the same array, or the same fault. */

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

/* @split has seen what scan_json did. */
static void take_again(const struct split *split, bool is_json, enum scan_kind kind,
                       const struct scan_fault *fault)
{
    struct scan_array array;
    struct scan_span element = {0};

    scan_array_init(&array, split->whole);
    while (scan_array_next(&array, NULL, &element))
        CLAIM(is_within(element.text, split->whole));
    CLAIM((array.fault.why == NULL) == (is_json && kind == SCAN_ARRAY));
    if (array.fault.why == NULL) {
        CLAIM(array.n_elements == split->n);
        CLAIM(split->n == 0 || element.text.ptr + element.text.len - 1 == split->end);
    } else if (strcmp(array.fault.why, "array expected") != 0) {
        CLAIM(!is_json && array.fault.offset == fault->offset);
        CLAIM(strcmp(array.fault.why, fault->why) == 0);
    }
    CLAIM(!scan_array_next(&array, NULL, &element));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct split split = {.whole = bytes_of(data, size)};
    const struct scan_visitor visitor = {.arg = &split, .element = on_element};
    struct scan_span root;
    struct scan_fault fault = {0};
    bool is_json;

    buf_init(&split.joined, OUT_BYTES);
    is_json = scan_json(split.whole, &visitor, &root, &fault);
    take_again(&split, is_json, is_json ? root.kind : SCAN_NONE, &fault);
    if (!is_json) {
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
