/* SPDX-License-Identifier: MIT */

/*
 * The console: one HTML for all its addresses, whose script asks the API for the rest.
 * Nothing in it is anybody's data, so it needs no credential; each call of its does.
 *
 * Who works on the console has `dev` take the files from a folder, PARTNERAPP_WEB_DIR, as
 * web/bundle.mjs writes them. `serve` does not look at it: what an environment says must
 * not become a script in the page of somebody who is signed in.
 */

#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "console_files.h"
#include "net/gunzip.h"
#include "service/site.h"
#include "sys/disk.h"

enum { PAGE_BYTES = 4 << 20, PATH_BYTES = 4096 }; /* more than any of the files has */

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

/* NULL: not of a kind that the console has. */
static const char *content_type_of(struct bytes name)
{
    for (size_t i = 0; i < COUNT(kinds); i++) {
        if (bytes_ends(name, bytes_str(kinds[i].ending)))
            return kinds[i].content_type;
    }
    return NULL;
}

static const char *folder_of(const struct site *site)
{
    const char *folder = site->is_dev ? getenv("PARTNERAPP_WEB_DIR") : NULL;

    return folder != NULL && *folder != '\0' ? folder : NULL;
}

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* One file of the folder itself: letters, digits, - and _ with dots between. */
static bool is_plain_name(struct bytes name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = (char)name.ptr[i];
        bool is_dot = c == '.';

        if (is_dot ? i == 0 || name.ptr[i - 1] == '.'
                   : !is_alnum(c) && c != '-' && c != '_')
            return false;
    }
    return name.len > 0 && content_type_of(name) != NULL;
}

/* Never kept by the browser: the next load shows what was written meanwhile. */
static void send_from(const struct site_call *call, struct server_answer *answer,
                      const char *folder, struct bytes name)
{
    cleanup(buf_done) struct buf path = {0};
    cleanup(buf_done) struct buf text = {0};

    buf_init(&path, PATH_BYTES);
    buf_init(&text, PAGE_BYTES);
    buf_addf(&path, "%s/%.*s", folder, BYTES_FMT(name));
    if (!is_plain_name(name) || path.full ||
        disk_read(buf_text(&path), &text, NULL) < 0) {
        server_answer_message(call->request, 404, "Not found");
        return;
    }
    answer->content_type = content_type_of(name);
    answer->body = buf_bytes(&text);
    add_header(answer, "Cache-Control", "no-store");
    server_answer(call->request, answer);
}

static void send(struct server_request *request, struct server_answer *answer,
                 const struct embedded_file *file)
{
    cleanup(buf_done) struct buf text = {0};

    answer->content_type = content_type_of(bytes_str(file->path));
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
                    {"Cross-Origin-Opener-Policy", "same-origin"}},
    };
    const char *folder = folder_of(call->site);

    if (folder != NULL) {
        send_from(call, &answer, folder, BYTES("index.html"));
        return;
    }
    add_header(&answer, "Cache-Control", "no-cache");
    add_header(&answer, "ETag", tag);
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
                    {"Cross-Origin-Resource-Policy", "same-origin"}},
    };
    const char *folder = folder_of(call->site);

    if (folder != NULL) {
        send_from(call, &answer, folder, call->parameters[1]);
        return;
    }
    add_header(&answer, "Cache-Control", "public, max-age=31536000, immutable");
    /* Of another build: what has changed must not be kept under its address. */
    if (file == NULL || !bytes_eq(call->parameters[0], BYTES(CONSOLE_BUILD)))
        server_answer_message(call->request, 404, "Not found");
    else
        send(call->request, &answer, file);
}
