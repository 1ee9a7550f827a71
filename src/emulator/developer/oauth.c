/* SPDX-License-Identifier: MIT */

/* OAuth: the client's id and secret, where people may be sent back to, the scope. */

#include <stdio.h>

#include "base/err.h"
#include "base/html.h"
#include "emulator/control/control_routes.h"
#include "emulator/developer/developer.h"
#include "emulator/frame/exchange.h"
#include "emulator/pages/as_control.h"
#include "emulator/pages/input.h"
#include "emulator/pages/masked.h"
#include "emulator/pages/page.h"
#include "emulator/pages/page_routes.h"
#include "emulator/pages/posted.h"
#include "segment/redirect_uri.h"
#include "json/json.h"
#include "json/write.h"

enum { KEY_BYTES = 16 };

/* The fields of the form, as stored or as typed. */
struct fields {
    struct bytes uris[REDIRECT_URIS];
    struct bytes scope;
};

static void read_app(struct exchange *exchange, const struct app *app,
                     struct fields *ret_fields)
{
    cleanup(json_freep) struct json *uris = NULL;
    struct err err = {0};

    *ret_fields = (struct fields){.scope = app->scope};
    if (json_parse(app->redirect_uris, &uris, &err) < 0)
        return;
    for (size_t i = 0; i < json_count(uris) && i < REDIRECT_URIS; i++)
        ret_fields->uris[i] =
            bytes_str(arena_copy(&exchange->arena, json_string(json_at(uris, i))));
}

static void read_form(struct exchange *exchange, struct fields *ret_fields)
{
    char key[KEY_BYTES];

    ret_fields->scope = bytes_trim(posted_field(exchange, "scope"));
    for (size_t i = 0; i < REDIRECT_URIS; i++) {
        snprintf(key, sizeof(key), "uri-%zu", i + 1);
        ret_fields->uris[i] = bytes_trim(posted_field(exchange, key));
    }
}

static void show_credentials(struct buf *out, const struct app *app)
{
    html_addf(out,
              "<h2>Credentials</h2>\n<dl><dt>Client ID</dt><dd><code>%b</code></dd>"
              "<dt>Client secret</dt><dd class=\"row\">",
              &app->client_id);
    masked_show(out, "secret", app->client_secret);
    input_form(out, NULL);
    input_hidden(out, "do", BYTES("regenerate"));
    html_add(out, "<button class=\"small\">Regenerate</button></form></dd></dl>\n");
}

static void show_uris(struct buf *out, const struct fields *fields)
{
    char name[KEY_BYTES], label[32];

    html_add(out, "<fieldset><legend>Redirect URIs</legend>\n<p class=\"hint\">Up to "
                  "five, compared to the letter. https, or http on localhost.</p>\n");
    for (size_t i = 0; i < REDIRECT_URIS; i++) {
        snprintf(name, sizeof(name), "uri-%zu", i + 1);
        snprintf(label, sizeof(label), "Redirect URI %zu", i + 1);
        input_show(out, &(struct input){.name = name,
                                        .label = bytes_str(label),
                                        .value = fields->uris[i]});
    }
    html_add(out, "</fieldset>\n");
}

static void show(struct exchange *exchange, const struct app *app,
                 const struct fields *fields, const char *why)
{
    struct buf *out = &exchange->out;

    developer_begin(exchange, app, "OAuth", why);
    show_credentials(out, app);
    input_form(out, NULL);
    input_hidden(out, "do", BYTES("save"));
    show_uris(out, fields);
    input_show(out, &(struct input){.name = "scope",
                                    .label = BYTES("Scope"),
                                    .value = fields->scope,
                                    .hint = BYTES("Exactly one: destination/<slug>, "
                                                  "workspace:read or workspace."),
                                    .is_required = true});
    html_add(out, "<button class=\"main\">Save</button></form>\n");
    page_end(exchange);
}

void developer_get_oauth(struct exchange *exchange)
{
    struct app app;
    struct fields fields;

    if (!developer_find(exchange, &app))
        return;
    read_app(exchange, &app, &fields);
    show(exchange, &app, &fields, NULL);
}

static void print_fields(const struct fields *fields, struct buf *body)
{
    struct write write;

    write_init(&write, body);
    write_object(&write);
    write_key(&write, "redirect_uris");
    write_array(&write);
    for (size_t i = 0; i < REDIRECT_URIS; i++) {
        if (fields->uris[i].len > 0)
            write_string(&write, fields->uris[i]);
    }
    write_array_end(&write);
    write_member_string(&write, "scope", fields->scope);
    write_object_end(&write);
}

static void save(struct exchange *exchange, const struct app *app, const char *path)
{
    cleanup(buf_done) struct buf body = {0};
    struct fields fields;
    const char *why;

    buf_init(&body, 6 * exchange->body.len + 1024);
    read_form(exchange, &fields);
    print_fields(&fields, &body);
    why = as_control(exchange, app_put, buf_bytes(&body));
    if (why != NULL)
        show(exchange, app, &fields, why);
    else
        page_done(exchange, path, PAGE_NOTE_APP_UPDATED);
}

void developer_post_oauth(struct exchange *exchange)
{
    struct app app;
    const char *path, *why;

    if (!developer_find(exchange, &app))
        return;
    path = developer_path(exchange, &app, "/developer/oauth");
    if (!posted_is(exchange, "do", "regenerate")) {
        save(exchange, &app, path);
        return;
    }
    why = as_control(exchange, app_regenerate_secret, exchange->body);
    if (why != NULL)
        page_refuse(exchange, 400, why);
    else
        page_done(exchange, path, PAGE_NOTE_SECRET_REGENERATED);
}
