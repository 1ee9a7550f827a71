/* SPDX-License-Identifier: MIT */

#include "segment/mask.h"

#include "json/json.h"

struct reader {
    struct bytes prefix;
    const char *const *fields;
    struct mask *mask;
};

static bool is_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* connectionMode is connection_mode. False when it does not fit. */
static bool to_snake_case(struct bytes path, char ret_path[MASK_PATH_BYTES],
                          struct bytes *ret_bytes)
{
    size_t len = 0;

    for (size_t i = 0; i < path.len; i++) {
        char c = path.ptr[i];

        if (len + 2 >= MASK_PATH_BYTES)
            return false;
        if (is_capital(c) && len > 0 && ret_path[len - 1] != '.')
            ret_path[len++] = '_';
        ret_path[len++] = is_capital(c) ? (char)(c - 'A' + 'a') : c;
    }
    *ret_bytes = bytes_of(ret_path, len);
    return true;
}

static struct bytes without_prefix(struct bytes path, struct bytes prefix)
{
    if (prefix.len > 0 && path.len > prefix.len && bytes_starts(path, prefix) &&
        path.ptr[prefix.len] == '.')
        return bytes_slice(path, prefix.len + 1, path.len);
    return path;
}

/* Is the path @field, or below a @field that ends in ".*"? */
static bool matches(struct bytes path, struct bytes field)
{
    if (!bytes_ends(field, BYTES(".*")))
        return bytes_eq(path, field);
    field.len--;
    return path.len > field.len && bytes_starts(path, field) &&
           bytes_index(path, '\0') == path.len;
}

static bool is_known(const char *const *fields, struct bytes path)
{
    for (; *fields != NULL; fields++) {
        if (matches(path, bytes_str(*fields)))
            return true;
    }
    return false;
}

/* Cut at what a text of C cannot hold; the snake did fit, and it is no shorter. */
static void keep_wrong(struct mask *mask, struct bytes path)
{
    path = bytes_slice(path, 0, sizeof(mask->wrong) - 1);
    memcpy(mask->wrong, path.ptr, path.len);
    mask->wrong[bytes_index(path, '\0')] = '\0';
}

/* An empty path is none, as protobuf's text form has it. */
static enum mask_verdict read_path(struct reader *reader, struct bytes sent)
{
    struct mask *mask = reader->mask;
    char snake[MASK_PATH_BYTES];
    struct bytes path;

    sent = bytes_trim(sent);
    if (sent.len == 0)
        return MASK_GOOD;
    if (!to_snake_case(sent, snake, &path))
        return MASK_MALFORMED;
    path = without_prefix(path, reader->prefix);
    if (!is_known(reader->fields, path)) {
        keep_wrong(mask, sent);
        return MASK_UNKNOWN;
    }
    if (mask->n_paths == MASK_MAX_PATHS)
        return MASK_MALFORMED;
    memcpy(mask->paths[mask->n_paths], path.ptr, path.len);
    mask->paths[mask->n_paths][path.len] = '\0';
    mask->n_paths++;
    return MASK_GOOD;
}

static enum mask_verdict read_text(struct reader *reader, struct bytes text)
{
    enum mask_verdict verdict = MASK_GOOD;

    while (text.len > 0 && verdict == MASK_GOOD)
        verdict = read_path(reader, bytes_take_until(&text, ','));
    return verdict;
}

static enum mask_verdict read_list(struct reader *reader, const struct json *list)
{
    enum mask_verdict verdict = MASK_GOOD;

    if (json_count(list) > MASK_MAX_PATHS)
        return MASK_MALFORMED;
    for (size_t i = 0; i < json_count(list) && verdict == MASK_GOOD; i++) {
        const struct json *path = json_at(list, i);

        verdict = json_kind(path) == JSON_STRING ? read_path(reader, json_string(path))
                                                 : MASK_MALFORMED;
    }
    return verdict;
}

/* The mask as sent, NULL when there is none. */
static const struct json *find_mask(const struct json *object)
{
    const struct json *found = json_get(object, "update_mask");

    return found != NULL ? found : json_get(object, "updateMask");
}

static enum mask_verdict read_sent(struct reader *reader, const struct json *sent)
{
    if (json_kind(sent) == JSON_OBJECT)
        sent = json_get(sent, "paths");
    switch (json_kind(sent)) {
    case JSON_MISSING:
    case JSON_NULL:
        return MASK_GOOD;
    case JSON_STRING:
        return read_text(reader, json_string(sent));
    case JSON_ARRAY:
        return read_list(reader, sent);
    case JSON_OBJECT:
    case JSON_BOOL:
    case JSON_INTEGER:
    case JSON_REAL:
        break;
    }
    return MASK_MALFORMED;
}

enum mask_verdict mask_read(const struct json *body, const char *prefix,
                            const char *const *fields, struct mask *ret_mask)
{
    struct reader reader = {
        .prefix = bytes_str(prefix), .fields = fields, .mask = ret_mask};
    const struct json *sent = find_mask(body);
    enum mask_verdict verdict;

    *ret_mask = (struct mask){0};
    if (sent == NULL)
        sent = find_mask(json_get(body, prefix));
    verdict = read_sent(&reader, sent);
    if (verdict != MASK_GOOD)
        ret_mask->n_paths = 0;
    return verdict;
}

bool mask_has(const struct mask *mask, const char *field)
{
    for (size_t i = 0; i < mask->n_paths; i++) {
        if (strcmp(mask->paths[i], field) == 0)
            return true;
    }
    return false;
}
