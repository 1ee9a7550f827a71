/* SPDX-License-Identifier: MIT */

#include <stdio.h>

#include "base/err.h"
#include "base/html.h"
#include "service/enable.h"
#include "json/json.h"
#include "json/write.h"

enum { PAGE_BYTES = 256 << 10 };

static const char policy[] =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

/* The kinds that are no fault of core/enabling.h. */
static const struct notice {
    int status;
    const char *title, *text;
    bool may_press;
} notices[] = {
    [ENABLE_ALREADY] = {200, "Installed already",
                        "This workspace has the app, and was connected before. Should "
                        "events not arrive, remove the app from the workspace in "
                        "Segment and press the button again.",
                        false},
    [ENABLE_RUNNING] = {200, "Still connecting",
                        "Segment has not answered yet. This goes on by itself, also "
                        "when you close this page; it looks again every few seconds.",
                        false},
    [ENABLE_UNCONFIGURED] = {404, "Enable with Segment is not set up here",
                             "Whoever runs this server says in partnerapp.yaml which "
                             "destination it is for, and gives it the app's credentials: "
                             "app: {destination: SLUG}, and CLIENT_ID and CLIENT_SECRET "
                             "in the environment.",
                             false},
    [ENABLE_NO_SUBSCRIPTION] = {404, "There is no subscription of that name",
                                "The link that led here names a subscription that this "
                                "server does not have.",
                                false},
    [ENABLE_BUSY] = {503, "Too many at once",
                     "More people press this button than can be served now. Nothing "
                     "was lost or changed.",
                     true},
    [ENABLE_GONE] = {404, "Nothing to show any more",
                     "What became of this attempt is kept for ten minutes. If you said "
                     "yes at Segment, the connection was made, or goes on by itself.",
                     true},
};

static const struct notice *notice_of(const struct enable_story *story)
{
    if (story->kind == ENABLE_FAILED || story->kind == ENABLE_CONNECTED)
        return NULL;
    return &notices[story->kind];
}

int enable_status(const struct enable_story *story)
{
    const struct notice *notice = notice_of(story);

    if (notice != NULL)
        return notice->status;
    return story->kind == ENABLE_CONNECTED ? 200 : enabling_words(story->fault)->status;
}

static void add_head(struct buf *page, const char *title, bool looks_again)
{
    html_add(page,
             "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
             "<meta name=\"viewport\" content=\"width=device-width\">\n");
    if (looks_again)
        html_add(page, "<meta http-equiv=\"refresh\" content=\"3\">\n");
    html_addf(page, "<title>%s</title>\n", title);
    html_add(page,
             "<link rel=\"icon\" href=\"data:,\">\n<style>\n"
             ":root { color-scheme: light dark; }\n"
             "body { font: 16px/1.5 system-ui, sans-serif; max-width: 40em;\n"
             "       margin: 10vh auto; padding: 0 1em; overflow-wrap: anywhere; }\n"
             "h1 { font-size: 1.5em; line-height: 1.2; }\n"
             "pre { white-space: pre-wrap; font-size: .85em; padding: 1em;\n"
             "      border: 1px solid #8884; border-radius: 4px; }\n"
             "summary { cursor: pointer; }\n"
             ".code { opacity: .7; font-size: .85em; }\n"
             ".press { display: inline-block; padding: .5em 1em; border-radius: 4px;\n"
             "         background: #1f7a4d; color: #fff; text-decoration: none; }\n"
             "</style>\n</head>\n<body>\n<main>\n");
    html_addf(page, "<h1>%s</h1>\n", title);
}

static void add_press(struct buf *page)
{
    html_add(page, "<p><a class=\"press\" href=\"/auth/segment\">Enable with Segment"
                   "</a></p>\n");
}

/* "demo" of "workspaces/acme/sources/website/destinations/demo" */
static struct bytes last_of(struct bytes name)
{
    struct bytes last = name;

    while (name.len > 0)
        last = bytes_take_until(&name, '/');
    return last;
}

/* Segment sends it in one line, which nobody can read. */
static void add_answer(struct buf *page, struct bytes text)
{
    cleanup(json_freep) struct json *json = NULL;
    cleanup(buf_done) struct buf indented = {0};
    struct err err = {0};

    buf_init(&indented, PAGE_BYTES);
    if (json_parse(text, &json, &err) == 0)
        json_print(json, /* indented= */ true, &indented);
    if (indented.len > 0 && !indented.full)
        text = buf_bytes(&indented);
    html_addf(page,
              "<details><summary>What Segment answered</summary>\n<pre>%b</pre>\n"
              "</details>\n",
              &text);
}

static void add_connected(struct buf *page, const struct enable_story *story)
{
    const struct bytes slug = last_of(story->destination);

    add_head(page, "Connected", false);
    if (story->is_created)
        html_addf(page, "<p>Created destination <strong>%b</strong> on %b.</p>\n", &slug,
                  &story->source);
    else
        html_addf(page,
                  "<p>Destination <strong>%b</strong> on %b is set: it existed, and now "
                  "has our settings and is enabled.</p>\n",
                  &slug, &story->source);
    html_addf(page, "<p class=\"code\">installs/%l · %b</p>\n", story->number,
              &story->workspace);
    if (story->json.len > 0)
        add_answer(page, story->json);
    if (story->is_dev)
        html_add(page, "<p><a href=\"/installs\">All installs</a></p>\n");
}

static void add_failed(struct buf *page, const struct enable_story *story)
{
    const struct enabling_words *words = enabling_words(story->fault);

    add_head(page, words->title, false);
    html_addf(page, "<p>%s</p>\n<p>%s</p>\n", words->cause, words->remedy);
    if (story->why != NULL && story->why[0] != '\0')
        html_addf(page, "<p>Segment's words: <q>%s</q></p>\n", story->why);
    html_addf(page, "<p class=\"code\">%s</p>\n", words->code);
    if (words->may_press_again)
        add_press(page);
}

static void add_story(struct buf *page, const struct enable_story *story)
{
    const struct notice *notice = notice_of(story);

    if (story->kind == ENABLE_CONNECTED) {
        add_connected(page, story);
    } else if (notice == NULL) {
        add_failed(page, story);
    } else {
        add_head(page, notice->title, story->kind == ENABLE_RUNNING);
        html_addf(page, "<p>%s</p>\n", notice->text);
        if (notice->may_press)
            add_press(page);
    }
    html_add(page, "</main>\n</body>\n</html>\n");
}

static void add_headers(struct server_answer *answer)
{
    answer->headers[0] = (struct server_header){"Cache-Control", "no-store"};
    answer->headers[1] = (struct server_header){"Referrer-Policy", "no-referrer"};
    answer->headers[2] = (struct server_header){"Content-Security-Policy", policy};
    answer->headers[3] = (struct server_header){"X-Content-Type-Options", "nosniff"};
    if (answer->status == 503 || answer->status == 429)
        answer->headers[4] = (struct server_header){"Retry-After", "5"};
}

void enable_page_answer(struct server_request *request, const struct enable_story *story)
{
    cleanup(buf_done) struct buf page = {0};
    struct server_answer answer = {.status = enable_status(story),
                                   .content_type = "text/html; charset=utf-8"};

    buf_init(&page, PAGE_BYTES);
    add_story(&page, story);
    add_headers(&answer);
    answer.body = buf_bytes(&page);
    server_answer(request, &answer);
}

static void add_problem(struct write *json, const struct enable_story *story)
{
    const struct notice *notice = notice_of(story);

    write_object(json);
    write_member_text(json, "type", "about:blank");
    write_member_i64(json, "status", enable_status(story));
    if (notice != NULL) {
        write_member_text(json, "title", notice->title);
        write_member_text(json, "detail", notice->text);
    } else {
        const struct enabling_words *words = enabling_words(story->fault);

        write_member_text(json, "title", words->title);
        write_member_text(json, "detail", words->cause);
        write_member_text(json, "code", words->code);
        write_member_text(json, "remedy", words->remedy);
        write_member_text(json, "segment", story->why);
    }
    write_object_end(json);
}

void enable_json_answer(struct server_request *request, const struct enable_story *story)
{
    cleanup(buf_done) struct buf body = {0};
    struct server_answer answer = {.status = enable_status(story),
                                   .content_type = "application/json"};
    struct write json;

    buf_init(&body, PAGE_BYTES);
    write_init(&json, &body);
    add_headers(&answer);
    if (story->kind == ENABLE_CONNECTED && story->json.len > 0) {
        answer.body = story->json;
    } else {
        if (answer.status >= 400)
            answer.content_type = "application/problem+json";
        add_problem(&json, story);
        answer.body = buf_bytes(&body);
    }
    server_answer(request, &answer);
}
