/* SPDX-License-Identifier: MIT */

#include "segment/filter_path.h"

#include "json/text.h"
#include "json/walk.h"

struct bytes filter_path_take(struct bytes *path)
{
    struct bytes name = *path;
    size_t len = 0;

    while (len < path->len && path->ptr[len] != '.')
        len += path->ptr[len] == '\\' ? 2 : 1;
    name = bytes_slice(name, 0, len);
    *path = bytes_slice(*path, len + 1, path->len);
    return name;
}

static bool is_utf8(struct bytes text)
{
    while (text.len > 0) {
        size_t len = text_sequence_len(text.ptr, text.len);

        if (len == 0)
            return false;
        text = bytes_slice(text, len, text.len);
    }
    return true;
}

/* Is a backslash the last byte, and not taken literally itself? */
static bool ends_open(struct bytes name)
{
    size_t n_backslashes = 0;

    while (n_backslashes < name.len && name.ptr[name.len - 1 - n_backslashes] == '\\')
        n_backslashes++;
    return n_backslashes % 2 == 1;
}

bool filter_path_is(struct bytes path)
{
    bool ends_in_dot = path.len > 0 && path.ptr[path.len - 1] == '.';

    if (path.len == 0 || !is_utf8(path))
        return false;
    for (size_t i = 0; i < FILTER_PATH_MAX_NAMES; i++) {
        struct bytes name = filter_path_take(&path);

        if (name.len == 0 || ends_open(name))
            return false;
        if (path.len == 0)
            return !ends_in_dot || name.ptr[name.len - 1] == '.'; /* a quoted one */
    }
    return false;
}

bool filter_path_means(struct bytes name, struct bytes key)
{
    if (bytes_index(name, '\\') == name.len)
        return walk_means(key, name);
    while (name.len > 0 && key.len > 0) {
        if (name.ptr[0] == '\\')
            name = bytes_slice(name, 1, name.len);
        if (name.len == 0 || text_take_point(&name) != walk_point(&key))
            return false;
    }
    return name.len == 0 && key.len == 0;
}

static struct bytes find_member(struct bytes object, struct bytes name)
{
    struct walk_member member;
    struct bytes found = {0};

    while (walk_member(&object, &member)) {
        if (filter_path_means(name, member.key))
            found = member.value;
    }
    return found;
}

bool filter_path_find(struct bytes event, struct bytes path, struct scan_span *ret_found)
{
    struct bytes value = event;

    if (bytes_starts(value, BYTES("\xef\xbb\xbf")))
        value = bytes_slice(value, 3, value.len);
    value = bytes_trim(value);
    while (path.len > 0) {
        struct bytes name = filter_path_take(&path);

        if (!bytes_starts(value, BYTES("{")))
            return false;
        value = find_member(value, name);
    }
    *ret_found = scan_span_of(value);
    return value.len > 0;
}
