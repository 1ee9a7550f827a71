/* SPDX-License-Identifier: MIT */

/*
 * The console: one HTML for all its addresses, whose script asks the API for the rest.
 * Nothing in it is anybody's data, so it needs no credential; each call of its does.
 */

#include <stdio.h>

#include "base/mem.h"
#include "console_files.h"
#include "net/gunzip.h"
#include "service/site.h"

enum { PAGE_BYTES = 4 << 20 }; /* more than any of the files has */

static const char policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
static const char tag[] = "\"" CONSOLE_BUILD "\"";

static const struct {
    const char *ending, *content_type;
} kinds[] = {
    {".html", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
};

const char *pages_build(void)
{
    return CONSOLE_BUILD;
}

static const struct embedded_file *find(struct bytes name)
{
    for (const struct embedded_file *file = console_files; file->path != NULL; file++) {
        if (bytes_eq(name, bytes_str(file->path)))
            return file;
    }
    return NULL;
}

/* "gzip" or "*" among what the client takes, unless with a weight of 0 (RFC 9110). */
static bool takes_gzip(struct bytes accepted)
{
    bool takes = false;

    while (accepted.len > 0) {
        struct bytes weight = bytes_take_until(&accepted, ',');
        struct bytes coding = bytes_trim(bytes_take_until(&weight, ';'));

        if (!bytes_eq_nocase(coding, BYTES("gzip")) && !bytes_eq(coding, BYTES("*")))
            continue;
        weight = bytes_trim(weight);
        takes = !bytes_starts(weight, BYTES("q=0")) ||
                bytes_starts(weight, BYTES("q=0.")); /* q=0.000 is nobody's */
        if (bytes_eq_nocase(coding, BYTES("gzip")))
            return takes;
    }
    return takes;
}

static void add_header(struct server_answer *answer, const char *name, const char *value)
{
    size_t i = 0;

    while (answer->headers[i].name != NULL)
        i++;
    answer->headers[i] = (struct server_header){name, value};
}

static void send(struct server_request *request, struct server_answer *answer,
                 const struct embedded_file *file)
{
    cleanup(buf_done) struct buf text = {0};

    for (size_t i = 0; i < COUNT(kinds); i++) {
        if (bytes_ends(bytes_str(file->path), bytes_str(kinds[i].ending)))
            answer->content_type = kinds[i].content_type;
    }
    add_header(answer, "Vary", "Accept-Encoding");
    answer->body = file->text;
    if (takes_gzip(server_header(request, "Accept-Encoding"))) {
        add_header(answer, "Content-Encoding", "gzip");
    } else {
        buf_init(&text, PAGE_BYTES);
        if (gunzip(file->text, &text) == GUNZIP_WHOLE)
            answer->body = buf_bytes(&text);
        else
            answer->status = 500;
    }
    server_answer(request, answer);
}

/* A browser that has it asks whether it is still the same; W/ when a proxy packed it. */
static bool has_same(struct server_request *request)
{
    struct bytes tags = server_header(request, "If-None-Match");

    while (tags.len > 0) {
        struct bytes one = bytes_trim(bytes_take_until(&tags, ','));

        if (bytes_starts(one, BYTES("W/")))
            one = bytes_slice(one, 2, one.len);
        if (bytes_eq(one, bytes_str(tag)) || bytes_eq(one, BYTES("*")))
            return true;
    }
    return false;
}

void pages_get(const struct site_call *call)
{
    struct server_answer answer = {
        .status = 200,
        .headers = {{"Content-Security-Policy", policy},
                    {"X-Content-Type-Options", "nosniff"},
                    {"Referrer-Policy", "same-origin"},
                    {"Cross-Origin-Opener-Policy", "same-origin"},
                    {"Cache-Control", "no-cache"},
                    {"ETag", tag}},
    };

    if (has_same(call->request)) {
        answer.status = 304;
        server_answer(call->request, &answer);
        return;
    }
    send(call->request, &answer, find(BYTES("index.html")));
}

void pages_asset(const struct site_call *call)
{
    const struct embedded_file *file = find(call->parameters[1]);
    struct server_answer answer = {
        .status = 200,
        .headers = {{"X-Content-Type-Options", "nosniff"},
                    {"Cross-Origin-Resource-Policy", "same-origin"},
                    {"Cache-Control", "public, max-age=31536000, immutable"}},
    };

    /* Of another build: what has changed must not be kept under its address. */
    if (file == NULL || !bytes_eq(call->parameters[0], BYTES(CONSOLE_BUILD)))
        server_answer_message(call->request, 404, "Not found");
    else
        send(call->request, &answer, file);
}
