/* SPDX-License-Identifier: MIT */

/* The canonical form is JSON, is its own canonical form, and has no more parts. */

#include "fuzz/fuzz.h"
#include "segment/canonical.h"
#include "json/scan.h"

enum { MAX_KEYS = 256 };

struct parts {
    size_t n_parts;
    size_t n_duplicates; /* among the first keys */
    struct bytes keys[MAX_KEYS];
    size_t n_keys;
};

static void count_member(void *arg, const struct scan_member *member)
{
    struct parts *parts = arg;

    parts->n_parts++;
    for (size_t i = 0; i < parts->n_keys; i++) {
        if (bytes_eq(parts->keys[i], member->key)) {
            parts->n_duplicates++;
            return;
        }
    }
    if (parts->n_keys < MAX_KEYS)
        parts->keys[parts->n_keys++] = member->key;
}

static void count_element(void *arg, size_t index, const struct scan_span *element)
{
    struct parts *parts = arg;

    (void)element;
    parts->n_parts = index + 1;
}

static bool count(struct bytes text, struct parts *ret_parts)
{
    struct scan_visitor visitor = {
        .member = count_member, .element = count_element, .arg = ret_parts};
    struct scan_span root;
    struct scan_fault fault;

    *ret_parts = (struct parts){0};
    return scan_json(text, &visitor, &root, &fault);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes text = bytes_of(data, size);
    struct parts before;
    struct parts after;
    struct buf once;
    struct buf twice;

    if (!count(text, &before))
        return 0;
    buf_init(&once, size * 6);
    buf_init(&twice, size * 6);
    CLAIM(canonical_print(text, &once));
    CLAIM(count(buf_bytes(&once), &after));
    CLAIM(after.n_duplicates == 0);
    CLAIM(after.n_parts <= before.n_parts - before.n_duplicates);
    CLAIM(canonical_print(buf_bytes(&once), &twice));
    CLAIM(bytes_eq(buf_bytes(&once), buf_bytes(&twice)));
    buf_done(&once);
    buf_done(&twice);
    return 0;
}
