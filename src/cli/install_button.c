/* SPDX-License-Identifier: MIT */

/* install button: the snippet for a site or a README. */

#include "base/err.h"
#include "base/html.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "cli/site_url.h"
#include "json/write.h"

#define TITLE "Enable with Segment"

enum { SNIPPET_BYTES = 8192, WIDTH = 200, HEIGHT = 40 };

static void add_html(const char *base, const char *theme, struct buf *snippet)
{
    html_addf(
        snippet,
        "<a href=\"%s/auth/segment\"><img src=\"%s/auth/segment/button.svg?theme=%s\""
        " alt=\"" TITLE "\" width=\"%d\" height=\"%d\"></a>",
        base, base, theme, (int)WIDTH, (int)HEIGHT);
}

static void add_markdown(const char *base, const char *theme, struct buf *snippet)
{
    buf_addf(snippet,
             "[![" TITLE "](%s/auth/segment/button.svg?theme=%s)](%s/auth/segment)", base,
             theme, base);
}

static void print_json(const struct call *call, const char *base, struct buf *snippet)
{
    cleanup(buf_done) struct buf json = {0};
    struct write write;

    buf_init(&json, SNIPPET_BYTES);
    write_init(&write, &json);
    write_object(&write);
    write_member_text(&write, "url", base);
    write_member_string(&write, "snippet", buf_bytes(snippet));
    write_object_end(&write);
    print_record(&call->out, buf_bytes(&json));
}

int install_button_run(struct call *call, struct err *err)
{
    cleanup(buf_done) struct buf base = {0};
    cleanup(buf_done) struct buf snippet = {0};
    const char *theme = call_text(call, "theme");
    bool is_public = false;
    int answer;

    buf_init(&base, SITE_URL_BYTES);
    buf_init(&snippet, SNIPPET_BYTES);
    answer = site_url(call, &base, &is_public, err);
    if (answer != 0)
        return answer;
    if (strcmp(call_text(call, "format"), "html") == 0)
        add_html(buf_text(&base), theme, &snippet);
    else
        add_markdown(buf_text(&base), theme, &snippet);
    if (call->wants_json)
        print_json(call, buf_text(&base), &snippet);
    else
        print_record(&call->out, buf_bytes(&snippet));
    if (!is_public)
        call_say(call, "Good on this machine only: set server.public_url to what your "
                       "customers see");
    return 0;
}
