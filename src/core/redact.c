/* SPDX-License-Identifier: MIT */

#include "core/redact.h"

#include "json/scan.h"

#define MASK "••••"

enum { UNESCAPED_MAX = 65536, FEW = 4 };

void redact_done(struct redact *redact)
{
    for (size_t i = 0; i < redact->n_unescaped; i++)
        secret_done(&redact->unescaped[i]);
    redact->n_unescaped = 0;
    redact->n_secrets = 0;
    memset(redact->may_begin, 0, sizeof(redact->may_begin));
}

static bool is_known(const struct redact *redact, struct bytes secret)
{
    for (size_t i = 0; i < redact->n_secrets; i++) {
        if (bytes_eq(redact->secrets[i], secret))
            return true;
    }
    return false;
}

void redact_add(struct redact *redact, struct bytes secret)
{
    if (secret.len < REDACT_SHORTEST || redact->n_secrets == REDACT_MAX ||
        is_known(redact, secret))
        return;
    redact->secrets[redact->n_secrets++] = secret;
    redact->may_begin[(unsigned char)secret.ptr[0]] = true;
}

static void add_unescaped(struct redact *redact, struct bytes inside)
{
    struct secret *own = &redact->unescaped[redact->n_unescaped];
    struct buf plain;

    if (redact->n_secrets == REDACT_MAX)
        return;
    buf_init(&plain, UNESCAPED_MAX);
    if (scan_unescape(inside, &plain) == 0 && plain.len >= REDACT_SHORTEST &&
        !is_known(redact, buf_bytes(&plain))) {
        secret_set(own, buf_bytes(&plain));
        redact->n_unescaped++;
        redact_add(redact, secret_bytes(own));
    }
    if (plain.ptr != NULL)
        secret_wipe(plain.ptr, plain.len);
    buf_done(&plain);
}

/* The inside of the string that begins at @json's first byte, a quote. */
static struct bytes string_inside(struct bytes json)
{
    size_t end = 1;

    while (end < json.len && json.ptr[end] != '"')
        end += json.ptr[end] == '\\' ? 2 : 1;
    return bytes_slice(json, 1, end - 1);
}

static bool is_key(struct bytes after)
{
    after = bytes_trim(after);
    return after.len > 0 && after.ptr[0] == ':';
}

void redact_add_settings(struct redact *redact, struct bytes settings_json)
{
    struct scan_span root;
    struct scan_fault fault;
    struct bytes rest;

    if (!scan_json(settings_json, NULL, &root, &fault))
        return;
    /* It is JSON: so a quote outside a string begins one. */
    rest = root.text;
    while ((rest = bytes_slice(rest, bytes_index(rest, '"'), rest.len)).len > 0) {
        struct bytes inside = string_inside(rest);

        rest = bytes_slice(rest, inside.len + 2, rest.len);
        if (is_key(rest))
            continue;
        redact_add(redact, inside);
        if (bytes_index(inside, '\\') < inside.len)
            add_unescaped(redact, inside);
    }
}

/* Length of the longest secret that @text begins with, or 0. */
static size_t secret_at(const struct redact *redact, struct bytes text)
{
    size_t longest = 0;

    for (size_t i = 0; i < redact->n_secrets; i++) {
        struct bytes secret = redact->secrets[i];

        if (secret.ptr[0] == text.ptr[0] && secret.len > longest &&
            bytes_starts(text, secret))
            longest = secret.len;
    }
    return longest;
}

/* Where the next secret begins, @text's end when there is none; its length, or 0. */
static size_t find_secret(const struct redact *redact, struct bytes text, size_t at,
                          size_t *ret_len)
{
    *ret_len = 0;
    if (redact->n_secrets == 0)
        return text.len;
    for (; at < text.len; at++) {
        if (!redact->may_begin[(unsigned char)text.ptr[at]])
            continue;
        *ret_len = secret_at(redact, bytes_slice(text, at, text.len));
        if (*ret_len > 0)
            return at;
    }
    return at;
}

/* Few secrets: one search for each is quicker than a look at every byte. */
static bool finds_one_of_few(const struct redact *redact, struct bytes text)
{
    for (size_t i = 0; i < redact->n_secrets && text.len > 0; i++) {
        const struct bytes secret = redact->secrets[i];

        if (memmem(text.ptr, text.len, secret.ptr, secret.len) != NULL)
            return true;
    }
    return false;
}

bool redact_finds(const struct redact *redact, struct bytes text)
{
    size_t len;

    if (redact->n_secrets <= FEW)
        return finds_one_of_few(redact, text);
    (void)find_secret(redact, text, 0, &len);
    return len > 0;
}

int redact_text(const struct redact *redact, struct bytes text, struct buf *ret_text)
{
    size_t clear = 0;
    size_t at = 0;
    size_t len;

    while ((at = find_secret(redact, text, at, &len)) < text.len) {
        if (buf_add(ret_text, bytes_slice(text, clear, at - clear)) != 0 ||
            buf_add(ret_text, BYTES(MASK)) != 0)
            return BUF_FULL;
        at += len;
        clear = at;
    }
    return buf_add(ret_text, bytes_slice(text, clear, at - clear));
}

/* "token", "secret" or "password" begins here. */
static bool is_telling(struct bytes text)
{
    static const struct bytes words[] = {BYTES("token"), BYTES("secret"),
                                         BYTES("password")};

    for (size_t i = 0; i < COUNT(words); i++) {
        if (bytes_eq_nocase(bytes_slice(text, 0, words[i].len), words[i]))
            return true;
    }
    return false;
}

bool redact_is_secret_header(struct bytes name)
{
    static const char *const whole[] = {"authorization", "proxy-authorization",
                                        "cookie",        "set-cookie",
                                        "x-api-key",     "api-key"};

    for (size_t i = 0; i < COUNT(whole); i++) {
        if (bytes_eq_nocase(name, bytes_str(whole[i])))
            return true;
    }
    for (size_t at = 0; at < name.len; at++) {
        const char letter = (char)(name.ptr[at] | 0x20);

        if ((letter == 't' || letter == 's' || letter == 'p') &&
            is_telling(bytes_slice(name, at, name.len)))
            return true;
    }
    return false;
}
