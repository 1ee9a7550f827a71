/* SPDX-License-Identifier: MIT */

/* Spans lie in the text and are JSON themselves; whatever is accepted can be walked. */

#include "fuzz/fuzz.h"
#include "json/json.h"
#include "json/scan.h"

static bool is_json(struct bytes text, struct scan_span *ret_root)
{
    struct scan_fault fault;

    return scan_json(text, NULL, ret_root, &fault);
}

static void check_value(const struct bytes *text, const struct scan_span *value)
{
    struct scan_span again;

    CLAIM(is_within(value->text, *text));
    /* What is visited before a fault is not yet known to be sound as a whole. */
    if (!is_json(value->text, &again))
        abort();
    CLAIM(again.kind == value->kind);
    CLAIM(again.text.len == value->text.len);
}

static void check_member(void *arg, const struct scan_member *member)
{
    const struct bytes *text = arg;
    struct buf key;

    CLAIM(is_within(member->key, *text));
    check_value(text, &member->value);
    buf_init(&key, member->key.len);
    CLAIM(scan_unescape(member->key, &key) == 0);
    buf_done(&key);
}

static void check_element(void *arg, size_t index, const struct scan_span *element)
{
    (void)index;
    check_value(arg, element);
}

/* A document prints to a text that is read as the same document. */
static void check_document(struct bytes text)
{
    struct json *document = NULL;
    struct json *again = NULL;
    struct buf printed;
    struct buf reprinted;

    buf_init(&printed, 1 << 26);
    buf_init(&reprinted, 1 << 26);
    CLAIM(json_parse(text, &document, NULL) == 0);
    CLAIM(json_print(document, true, &printed) == 0);
    CLAIM(json_parse(buf_bytes(&printed), &again, NULL) == 0);
    CLAIM(json_print(again, true, &reprinted) == 0);
    CLAIM(bytes_eq(buf_bytes(&printed), buf_bytes(&reprinted)));
    json_free(document);
    json_free(again);
    buf_done(&printed);
    buf_done(&reprinted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes text = bytes_of(data, size);
    struct scan_visitor visitor = {
        .member = check_member, .element = check_element, .arg = &text};
    struct scan_span root;
    struct scan_span found;
    struct scan_fault fault;

    if (!scan_json(text, NULL, &root, &fault)) {
        CLAIM(fault.offset <= size);
        CLAIM(fault.why != NULL);
        CLAIM(!scan_json(text, &(struct scan_visitor){0}, &root, &fault));
        return 0;
    }
    CLAIM(is_within(root.text, text));
    CLAIM(scan_json(text, &visitor, &root, &fault));
    if (scan_find(text, BYTES("a.0.b"), &found) || scan_find(text, BYTES("0.a"), &found))
        check_value(&text, &found);
    check_document(text);
    return 0;
}
