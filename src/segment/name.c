/* SPDX-License-Identifier: MIT */

#include "segment/name.h"

enum { SLUG_MAX_BYTES = 100 };

static bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Is it alphanumeric but for characters of @more, and not empty? */
static bool is_made_of(struct bytes text, struct bytes more)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_alphanumeric(text.ptr[i]) && bytes_index(more, text.ptr[i]) == more.len)
            return false;
    }
    return text.len > 0;
}

/* The part before the first '/'; false when there is none or it is no half of a pair. */
static bool take_half(struct bytes *rest, struct bytes *ret_half)
{
    *ret_half = bytes_take_until(rest, '/');
    return is_made_of(*ret_half, BYTES("._~:-"));
}

bool name_parse(struct bytes text, struct name *ret_name)
{
    struct name name = {0};

    if (text.len == 0 || text.len > NAME_MAX_BYTES || text.ptr[text.len - 1] == '/')
        return false;
    while (text.len > 0) {
        if (name.n_parts == NAME_MAX_PARTS ||
            !take_half(&text, &name.collections[name.n_parts]) ||
            !take_half(&text, &name.ids[name.n_parts]))
            return false;
        name.n_parts++;
    }
    *ret_name = name;
    return true;
}

bool name_is(const struct name *name, const char *const *collections)
{
    size_t i = 0;

    while (i < name->n_parts && collections[i] != NULL &&
           bytes_eq(name->collections[i], bytes_str(collections[i])))
        i++;
    return i == name->n_parts && collections[i] == NULL;
}

/* Where the last '/' is, or text.len. */
static size_t last_slash(struct bytes text)
{
    size_t at = text.len;

    while (at > 0) {
        if (text.ptr[--at] == '/')
            return at;
    }
    return text.len;
}

struct bytes name_parent(struct bytes text)
{
    struct bytes collection = bytes_slice(text, 0, last_slash(text));
    size_t end = last_slash(collection);

    return end < collection.len ? bytes_slice(text, 0, end) : bytes_of(NULL, 0);
}

struct bytes name_last(struct bytes text)
{
    size_t at = last_slash(text);

    return at < text.len ? bytes_slice(text, at + 1, text.len) : text;
}

bool name_is_slug(struct bytes text)
{
    return text.len <= SLUG_MAX_BYTES && is_made_of(text, BYTES("_-"));
}

struct bytes name_workspace_slug(struct bytes text)
{
    struct bytes collection = BYTES("workspaces/");

    if (bytes_starts(text, collection))
        text = bytes_slice(text, collection.len, text.len);
    return bytes_take_until(&text, '/');
}
