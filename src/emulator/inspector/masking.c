/* SPDX-License-Identifier: MIT */

#include "emulator/inspector/masking.h"

#include "base/form.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "core/redact.h"

/* A gRPC code is a number, "bad_request" is short; an authorization code has 87. */
enum { NAME_BYTES = 64, SHORTEST_CODE = 16, DEPTH_KNOWN = 64 };

/* --- names -------------------------------------------------------------------------- */

static bool is_word(char c)
{
    const char lower = (char)(c | 0x20);

    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '$' || c == '.';
}

/* Lower case, without '_' and '-'; a longer name is cut in front: its end tells. */
static struct bytes fold(struct bytes name, char text[NAME_BYTES])
{
    size_t len = 0;
    const size_t from = name.len > NAME_BYTES ? name.len - NAME_BYTES : 0;

    for (size_t i = from; i < name.len; i++) {
        const char c = name.ptr[i];

        if (c != '_' && c != '-')
            text[len++] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
    }
    return bytes_of(text, len);
}

bool masking_is_secret(struct bytes name)
{
    static const char *const parts[] = {"secret", "password",      "verifier",
                                        "csrf",   "challenge",     "writekey",
                                        "apikey", "authorization", "cookie"};
    char text[NAME_BYTES];
    const struct bytes folded = fold(name, text);

    for (size_t i = 0; i < COUNT(parts); i++) {
        if (bytes_find(folded, bytes_str(parts[i])) < folded.len)
            return true;
    }
    return bytes_ends(folded, BYTES("token")) &&
           !bytes_ends(folded, BYTES("pagetoken")); /* a place in a list */
}

/* --- JSON --------------------------------------------------------------------------- */

struct scanner {
    struct bytes text;
    size_t at;
    struct buf *out;
    size_t objects[DEPTH_KNOWN]; /* where those begin that are open */
    size_t depth;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t skip_space(struct bytes text, size_t at)
{
    while (at < text.len && is_space(text.ptr[at]))
        at++;
    return at;
}

/* Behind the string, word or other thing that begins at @at. */
static size_t end_of_token(struct bytes text, size_t at)
{
    const char quote = text.ptr[at];

    if (quote != '"' && quote != '\'') {
        if (!is_word(quote))
            return at + 1;
        while (at < text.len && is_word(text.ptr[at]))
            at++;
        return at;
    }
    for (at++; at < text.len && text.ptr[at] != quote; at++) {
        if (text.ptr[at] == '\\')
            at++;
    }
    return at < text.len ? at + 1 : text.len;
}

/* A string's inside, or the word. */
static struct bytes inside_of(struct bytes token)
{
    if (token.len == 0 || (token.ptr[0] != '"' && token.ptr[0] != '\''))
        return token;
    token = bytes_slice(token, 1, token.len);
    if (token.len > 0 &&
        (token.ptr[token.len - 1] == '"' || token.ptr[token.len - 1] == '\''))
        token.len--;
    return token;
}

/* Behind a value: a list with all that is in it, else a token. */
static size_t end_of_value(struct bytes text, size_t at)
{
    int depth = 0;

    do {
        const char c = text.ptr[at];

        depth += (c == '[' || c == '{') - (c == ']' || c == '}');
        at = end_of_token(text, at);
    } while (at < text.len && depth > 0);
    return at;
}

/* Behind the value of the member whose name ends at @end, and the value itself; the same
 * place when it is no member. */
static size_t skip_member(struct bytes text, size_t end, struct bytes *ret_value)
{
    const size_t colon = skip_space(text, end);
    const size_t value = skip_space(text, colon + 1);
    size_t end_of_it;

    *ret_value = bytes_of(NULL, 0);
    if (value >= text.len || text.ptr[colon] != ':')
        return end;
    end_of_it = end_of_value(text, value);
    *ret_value = bytes_slice(text, value, end_of_it - value);
    return end_of_it;
}

/* Of {"name":…,"value":…}, from behind its brace: does the name say that the value is
 * secret? Also when the name may be in what has been cut off. */
static bool has_secret_name(struct bytes text, size_t at)
{
    while (at < text.len && text.ptr[at] != '}') {
        const size_t end = end_of_token(text, at);
        const struct bytes key = inside_of(bytes_slice(text, at, end - at));
        struct bytes value;

        at = skip_member(text, end, &value);
        if (bytes_eq(key, BYTES("name")) && value.len > 0)
            return masking_is_secret(inside_of(value));
    }
    return at >= text.len;
}

static bool hides(const struct scanner *scanner, struct bytes key, struct bytes value)
{
    if (value.len > 0 && value.ptr[0] == '{')
        return false; /* its own members are looked at */
    if (bytes_index(key, '\\') < key.len)
        return true; /* a name in disguise */
    if (bytes_eq_nocase(key, BYTES("code")))
        return inside_of(value).len >= SHORTEST_CODE;
    if (!bytes_eq(key, BYTES("value")))
        return masking_is_secret(key);
    if (scanner->depth == 0 || scanner->depth > DEPTH_KNOWN)
        return scanner->depth != 0;
    return has_secret_name(scanner->text, scanner->objects[scanner->depth - 1] + 1);
}

/* A token that was copied and turned out to be a member's name. */
static void take_value(struct scanner *scanner, struct bytes key)
{
    const struct bytes text = scanner->text;
    const size_t colon = skip_space(text, scanner->at);
    size_t value;
    size_t end;

    if (colon >= text.len || text.ptr[colon] != ':')
        return;
    value = skip_space(text, colon + 1);
    buf_add(scanner->out, bytes_slice(text, scanner->at, value - scanner->at));
    scanner->at = value;
    if (value >= text.len)
        return;
    end = end_of_value(text, value);
    if (!hides(scanner, key, bytes_slice(text, value, end - value)))
        return;
    buf_add_text(scanner->out, "\"" MASKING_MARK "\"");
    scanner->at = end;
}

static void count_depth(struct scanner *scanner, char c, size_t at)
{
    if (c == '{') {
        if (scanner->depth < DEPTH_KNOWN)
            scanner->objects[scanner->depth] = at;
        scanner->depth++;
    } else if (c == '}' && scanner->depth > 0) {
        scanner->depth--;
    }
}

void masking_json(struct bytes text, struct buf *ret_text)
{
    struct scanner scanner = {.text = text, .out = ret_text};

    while (scanner.at < text.len) {
        const size_t at = scanner.at;
        const char first = text.ptr[at];
        struct bytes token;

        scanner.at = end_of_token(text, at);
        token = bytes_slice(text, at, scanner.at - at);
        buf_add(ret_text, token);
        if (first == '"' || first == '\'' || is_word(first))
            take_value(&scanner, inside_of(token));
        else
            count_depth(&scanner, first, at);
    }
}

/* --- forms and URLs ----------------------------------------------------------------- */

static void add_field(struct bytes field, struct buf *ret_text)
{
    cleanup(buf_done) struct buf name = {0};
    const size_t equals = bytes_index(field, '=');

    buf_init(&name, field.len + 1);
    (void)form_decode(bytes_slice(field, 0, equals), &name);
    if (equals < field.len && (masking_is_secret(buf_bytes(&name)) ||
                               bytes_eq(buf_bytes(&name), BYTES("code")))) {
        buf_add(ret_text, bytes_slice(field, 0, equals + 1));
        buf_add_text(ret_text, MASKING_MARK);
        return;
    }
    buf_add(ret_text, field);
}

void masking_form(struct bytes text, struct buf *ret_text)
{
    while (text.len > 0) {
        const size_t end = bytes_index(text, '&');

        add_field(bytes_slice(text, 0, end), ret_text);
        if (end < text.len)
            buf_add_char(ret_text, '&');
        text = bytes_slice(text, end + 1, text.len);
    }
}

void masking_url(struct bytes url, struct buf *ret_text)
{
    const size_t mark = bytes_index(url, '?');

    buf_add(ret_text, bytes_slice(url, 0, mark + 1));
    masking_form(bytes_slice(url, mark + 1, url.len), ret_text);
}

/* --- headers and bodies ------------------------------------------------------------- */

static void add_scheme(struct bytes value, struct buf *ret_text)
{
    static const char *const schemes[] = {"Basic", "Bearer"};
    const struct bytes scheme = bytes_slice(value, 0, bytes_index(value, ' '));

    for (size_t i = 0; i < COUNT(schemes); i++) {
        if (bytes_eq_nocase(scheme, bytes_str(schemes[i])) && scheme.len < value.len)
            buf_addf(ret_text, "%s ", schemes[i]);
    }
    buf_add_text(ret_text, MASKING_MARK);
}

void masking_header(struct bytes name, struct bytes value, struct buf *ret_text)
{
    if (bytes_eq_nocase(name, BYTES("Authorization")))
        add_scheme(value, ret_text);
    else if (redact_is_secret_header(name))
        buf_add_text(ret_text, MASKING_MARK);
    else if (bytes_eq_nocase(name, BYTES("Location")) ||
             bytes_eq_nocase(name, BYTES("Referer")))
        masking_url(value, ret_text);
    else
        buf_add(ret_text, value);
}

/* Whole characters and no control but white space; a cut one at the end is fine. */
static bool is_text(struct bytes body)
{
    while (body.len > 0) {
        const size_t len = utf8_sequence_len(body.ptr, body.len);

        if (len == 0)
            return body.len < UTF8_SEQUENCE_MAX && (uint8_t)body.ptr[0] >= 0xc0;
        if ((uint8_t)body.ptr[0] < ' ' && !is_space(body.ptr[0]))
            return false;
        body = bytes_slice(body, len, body.len);
    }
    return true;
}

void masking_body(struct bytes content_type, struct bytes body, struct buf *ret_text)
{
    const struct bytes trimmed = bytes_trim(body);

    if (bytes_starts(content_type, BYTES("text/html")) ||
        bytes_starts(trimmed, BYTES("<")))
        buf_addf(ret_text, "(%zu bytes of HTML)", body.len);
    else if (!is_text(body))
        buf_addf(ret_text, "(%zu bytes, no text)", body.len);
    else if (bytes_index(body, '=') < body.len && trimmed.ptr[0] != '{' &&
             trimmed.ptr[0] != '[')
        masking_form(body, ret_text);
    else
        masking_json(body, ret_text);
}
