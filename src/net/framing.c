/* SPDX-License-Identifier: MIT */

#include "net/framing.h"

#include "net/field.h"

#define VERSION_END "\0\0"
#define EMPTY_LINE "\0\0"

/* What the fields that frame a message said, and how often. */
struct claims {
    struct bytes length;
    struct bytes coding;
    unsigned n_lengths;
    unsigned n_codings;
    unsigned n_hosts;
    struct bytes cookie;
    bool expects_continue;
};

static bool is_value(struct bytes value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];

        if ((c < ' ' && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

static void claim(struct claims *claims, const struct framing_field *field)
{
    const struct bytes name = field->name;
    const struct bytes value = field->value;

    if (bytes_eq_nocase(name, BYTES("content-length"))) {
        claims->length = value;
        claims->n_lengths++;
    } else if (bytes_eq_nocase(name, BYTES("transfer-encoding"))) {
        claims->coding = value;
        claims->n_codings++;
    } else if (bytes_eq_nocase(name, BYTES("host"))) {
        claims->n_hosts++;
    } else if (bytes_eq_nocase(name, BYTES("cookie"))) {
        if (claims->cookie.len == 0)
            claims->cookie = value;
    } else if (bytes_eq_nocase(name, BYTES("expect"))) {
        claims->expects_continue |= bytes_eq_nocase(value, BYTES("100-continue"));
    }
}

/* One line "name NUL value NUL NUL"; @head then begins after it. */
static bool read_field(struct bytes *head, struct framing_field *ret_field)
{
    struct bytes name = bytes_take_until(head, '\0');
    size_t value_len = bytes_index(*head, '\0');
    struct bytes value = bytes_of(head->ptr, value_len);

    *head = bytes_slice(*head, value_len, head->len);
    if (!bytes_starts(*head, BYTES("\0\0")))
        return false;
    *head = bytes_slice(*head, 2, head->len);
    *ret_field = (struct framing_field){name, bytes_trim(value)};
    return field_is_token(name) && is_value(value);
}

static bool read_version(struct bytes *head, bool *ret_is_http_1_0)
{
    *ret_is_http_1_0 = bytes_starts(*head, BYTES("HTTP/1.0" VERSION_END));
    if (!*ret_is_http_1_0 && !bytes_starts(*head, BYTES("HTTP/1.1" VERSION_END)))
        return false;
    *head = bytes_slice(*head, sizeof("HTTP/1.1" VERSION_END) - 1, head->len);
    return true;
}

static bool read_length(struct bytes text, int64_t *ret_length)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    }
    /* Digits that do not fit are still a length: one that nobody accepts. */
    if (!bytes_to_i64(text, ret_length) || *ret_length == INT64_MAX)
        *ret_length = INT64_MAX - 1;
    return text.len > 0;
}

static enum framing_verdict judge(const struct claims *claims, struct framing *framing)
{
    if (claims->n_lengths + claims->n_codings > 1 || claims->n_hosts > 1 ||
        (claims->n_hosts == 0 && !framing->is_http_1_0))
        return FRAMING_REFUSED;
    if (claims->n_codings > 0) {
        if (framing->is_http_1_0)
            return FRAMING_REFUSED;
        if (!bytes_eq_nocase(claims->coding, BYTES("chunked")))
            return FRAMING_UNKNOWN_CODING;
        framing->body = FRAMING_CHUNKED;
    }
    if (claims->n_lengths > 0) {
        framing->body = FRAMING_LENGTH;
        if (!read_length(claims->length, &framing->content_length))
            return FRAMING_REFUSED;
    }
    framing->expects_continue = claims->expects_continue && !framing->is_http_1_0;
    return FRAMING_FINE;
}

static void clear(struct framing *framing)
{
    framing->body = FRAMING_NO_BODY;
    framing->content_length = 0;
    framing->is_http_1_0 = false;
    framing->expects_continue = false;
    framing->n_all_fields = 0;
    framing->cookie = BYTES("");
    framing->n_fields = 0;
    framing->fields_end = 0;
}

enum framing_verdict framing_judge(struct bytes head, struct framing *ret_framing)
{
    const char *start = head.ptr;
    struct claims claims = {0};
    struct framing_field field;

    clear(ret_framing);
    if (!read_version(&head, &ret_framing->is_http_1_0))
        return FRAMING_REFUSED;
    while (!bytes_eq(head, BYTES(EMPTY_LINE))) {
        if (!read_field(&head, &field))
            return FRAMING_REFUSED;
        claim(&claims, &field);
        ret_framing->n_all_fields++;
        if (ret_framing->n_fields == FRAMING_FIELDS)
            continue;
        ret_framing->fields[ret_framing->n_fields++] = field;
        ret_framing->fields_end = (size_t)(head.ptr - start);
    }
    ret_framing->cookie = claims.cookie;
    return judge(&claims, ret_framing);
}

bool framing_is_target(struct bytes target)
{
    struct bytes path = bytes_slice(target, 0, bytes_index(target, '?'));

    for (size_t i = 0; i < target.len; i++) {
        if ((unsigned char)target.ptr[i] <= ' ' || target.ptr[i] == 0x7f)
            return false;
    }
    return target.len > 0 && bytes_find(path, BYTES("%00")) == path.len;
}

const char *framing_path(const char *target)
{
    struct bytes rest = bytes_str(target);
    struct bytes scheme = bytes_take_until(&rest, ':');

    if ((!bytes_eq_nocase(scheme, BYTES("http")) &&
         !bytes_eq_nocase(scheme, BYTES("https"))) ||
        !bytes_starts(rest, BYTES("//")))
        return target;
    rest = bytes_slice(rest, 2, rest.len);
    rest = bytes_slice(rest, bytes_index(rest, '/'), rest.len);
    return rest.len > 0 ? rest.ptr : "/";
}

bool framing_next(struct bytes head, size_t *cursor, struct bytes *ret_name,
                  struct bytes *ret_value)
{
    if (*cursor == 0)
        *cursor = sizeof("HTTP/1.1" VERSION_END) - 1;
    struct bytes rest = bytes_slice(head, *cursor, head.len);
    if (rest.len <= sizeof(EMPTY_LINE) - 1)
        return false;
    *ret_name = bytes_take_until(&rest, '\0');
    size_t value_len = bytes_index(rest, '\0');
    *ret_value = bytes_trim(bytes_of(rest.ptr, value_len)); /* never NULL: it is there */
    rest = bytes_slice(rest, value_len + 2, rest.len);
    *cursor = head.len - rest.len;
    return true;
}
