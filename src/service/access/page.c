/* SPDX-License-Identifier: MIT */

#include "service/access/page.h"

#include <stdio.h>

#include "base/html.h"
#include "service/site.h"

enum { PAGE_BYTES = 64 << 10 };

static const char policy[] =
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'";

static const char style[] =
    ":root { color-scheme: light dark; --back: #f6f7f8; --text: #1b1f23; --card: #fff;\n"
    "  --line: #d4d9de; --edge: #76808a; --dim: #515b65; --red: #9c1c1c; --redback: "
    "#fdeeee;\n"
    "  --ring: #1a5fb4; }\n"
    "@media (prefers-color-scheme: dark) {\n"
    "  :root { --back: #15181b; --text: #e6e9ec; --card: #1d2125; --line: #343b42;\n"
    "    --edge: #8a949e; --dim: #a9b2bb; --red: #ffb3ae; --redback: #3a1d1d;\n"
    "    --ring: #8ab8f0; }\n"
    "}\n"
    "* { box-sizing: border-box; }\n"
    "body { font: 16px/1.5 system-ui, sans-serif; margin: 0; padding: 10vh 1rem 2rem;\n"
    "  background: var(--back); color: var(--text); }\n"
    "main { max-width: 24rem; margin: 0 auto; padding: 1.5rem; border-radius: 8px;\n"
    "  border: 1px solid var(--line); background: var(--card); overflow-wrap: anywhere; "
    "}\n"
    "h1 { font-size: 1.375rem; line-height: 1.25; margin: 0 0 1rem; }\n"
    "p { margin: 0 0 1rem; }\n"
    "label { display: block; font-weight: 600; margin: 0 0 .25rem; }\n"
    "input { width: 100%; font: inherit; padding: .5rem .625rem; margin: 0 0 1rem;\n"
    "  border: 1px solid var(--edge); border-radius: 4px; background: var(--back);\n"
    "  color: inherit; }\n"
    "button { width: 100%; font: inherit; font-weight: 600; padding: .625rem 1rem;\n"
    "  border: 0; border-radius: 4px; background: #1f6f48; color: #fff; cursor: pointer; "
    "}\n"
    "button:hover { background: #185a3a; }\n"
    ":focus-visible { outline: 3px solid var(--ring); outline-offset: 2px; }\n"
    ".fault { padding: .625rem .75rem; border-radius: 4px; border: 1px solid;\n"
    "  color: var(--red); background: var(--redback); }\n"
    ".hint { font-size: .875rem; color: var(--dim); margin: -.75rem 0 1rem; }\n";

static const struct words {
    const char *title, *action, *button;
} words[] = {
    [PAGE_LOGIN] = {"Sign in", "/login", "Sign in"},
    [PAGE_SETUP] = {"Make the first user", "/setup", "Make the user and sign in"},
    [PAGE_INVITATION] = {"Choose a password", "/invitation", "Set it and sign in"},
    [PAGE_MESSAGE] = {"This link leads nowhere", NULL, NULL},
};

static void add_hidden(struct buf *out, const char *name, struct bytes value)
{
    if (value.len > 0)
        html_addf(out, "<input type=\"hidden\" name=\"%s\" value=\"%b\">\n", name,
                  &value);
}

static void add_name(struct buf *out, const struct page *page)
{
    if (page->kind == PAGE_INVITATION) {
        /* For the password manager, which wants to know whose it is. */
        html_addf(out,
                  "<p>For the user <strong>%b</strong>.</p>\n"
                  "<input type=\"text\" name=\"name\" value=\"%b\" "
                  "autocomplete=\"username\" readonly aria-label=\"Name\">\n",
                  &page->name, &page->name);
        return;
    }
    html_addf(out,
              "<label for=\"name\">Name</label>\n"
              "<input type=\"text\" id=\"name\" name=\"name\" value=\"%b\" required "
              "maxlength=\"64\" autocomplete=\"username\" autocapitalize=\"none\" "
              "spellcheck=\"false\"",
              &page->name);
    html_add(out, " autofocus>\n");
}

static void add_password(struct buf *out, const struct page *page)
{
    html_add(out, "<label for=\"password\">Password</label>\n"
                  "<input type=\"password\" id=\"password\" name=\"password\" required "
                  "maxlength=\"1024\" autocomplete=");
    if (page->kind == PAGE_LOGIN)
        html_add(out, "\"current-password\">\n");
    else
        html_add(out, "\"new-password\" minlength=\"12\" aria-describedby=\"rule\">\n"
                      "<p class=\"hint\" id=\"rule\">At least 12 characters. Longer is "
                      "better than stranger.</p>\n");
}

static void add_form(struct buf *out, const struct page *page)
{
    html_addf(out, "<form method=\"post\" action=\"%s\">\n", words[page->kind].action);
    add_hidden(out, "token", bytes_str(page->token));
    add_hidden(out, "next", page->next);
    add_hidden(out, "code", page->code);
    add_name(out, page);
    add_password(out, page);
    html_addf(out, "<button type=\"submit\">%s</button>\n</form>\n",
              words[page->kind].button);
}

static void add_page(struct buf *out, const struct page *page)
{
    html_add(out,
             "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
             "<meta name=\"viewport\" content=\"width=device-width\">\n");
    html_addf(out, "<title>%s – partnerapp</title>\n", words[page->kind].title);
    html_add(out, "<link rel=\"icon\" href=\"data:,\">\n"
                  "<link rel=\"stylesheet\" href=\"/access.css\">\n"
                  "</head>\n<body>\n<main>\n");
    html_addf(out, "<h1>%s</h1>\n", words[page->kind].title);
    if (page->fault != NULL)
        html_addf(out, "<p class=\"fault\" role=\"alert\">%s</p>\n", page->fault);
    if (page->remedy != NULL)
        html_addf(out, "<p>%s</p>\n", page->remedy);
    if (page->kind != PAGE_MESSAGE)
        add_form(out, page);
    html_add(out, "</main>\n</body>\n</html>\n");
}

void page_answer(struct server_request *request, const struct page *page)
{
    cleanup(buf_done) struct buf text = {0};
    struct server_answer answer = {
        .status = page->status,
        .content_type = "text/html; charset=utf-8",
        .headers = {{"Content-Security-Policy", policy},
                    {"X-Content-Type-Options", "nosniff"},
                    /* Without any, the browser would not say where a form is from. */
                    {"Referrer-Policy", "same-origin"},
                    {"Cross-Origin-Opener-Policy", "same-origin"},
                    {"Cache-Control", "no-store"}},
    };
    char retry_after[24];
    size_t n = 5;

    if (page->cookie != NULL && page->cookie[0] != '\0')
        answer.headers[n++] = (struct server_header){"Set-Cookie", page->cookie};
    if (page->retry_after_s > 0) {
        snprintf(retry_after, sizeof(retry_after), "%lld",
                 (long long)page->retry_after_s);
        answer.headers[n] = (struct server_header){"Retry-After", retry_after};
    }
    buf_init(&text, PAGE_BYTES);
    add_page(&text, page);
    answer.body = buf_bytes(&text);
    server_answer(request, &answer);
}

void access_style_get(const struct site_call *call)
{
    const struct server_answer answer = {
        .status = 200,
        .content_type = "text/css; charset=utf-8",
        .headers = {{"X-Content-Type-Options", "nosniff"},
                    {"Cross-Origin-Resource-Policy", "same-origin"},
                    {"Cache-Control", "public, max-age=3600"}},
        .body = bytes_of(style, sizeof(style) - 1),
    };

    server_answer(call->request, &answer);
}
