/* SPDX-License-Identifier: MIT */

/* /authorize: may this app do that? Stands in for Segment's own (dossier §6.4, ux §4.2).
 */

#include "base/html.h"
#include "emulator/frame/areas.h"
#include "emulator/oauth/grant.h"
#include "emulator/oauth/install.h"
#include "emulator/oauth/oauth.h"
#include "emulator/oauth/session.h"
#include "emulator/oauth/stand_in_form.h"
#include "emulator/pages/page.h"
#include "emulator/world/world.h"
#include "segment/scope.h"

#define CHALLENGE_NAME "consent_challenge"

enum { BODY_BYTES = 65536, SHOWN = 200 };

/* What one request to the page is about. */
struct visit {
    struct bytes id;
    struct challenge challenge;
    struct ask ask;
    struct grant grant; /* what is chosen so far */
    const char *objection;
};

/* --- reading ------------------------------------------------------------------------ */

static struct bytes first_of(struct exchange *exchange, const char *literal,
                             struct bytes about)
{
    struct sql_statement *statement = world_use(exchange->world, literal);
    struct bytes text = bytes_of(NULL, 0);

    sql_bind_text(statement, 1, about);
    if (world_step(exchange->world, statement)) {
        const struct bytes first = sql_bytes(statement, 0);

        text = bytes_of(arena_copy(&exchange->arena, first), first.len);
    }
    sql_reset(statement);
    return text;
}

/* The form's choice; on the first visit a workspace that she owns, if any. */
static void choose(struct exchange *exchange, struct visit *visit)
{
    struct grant *grant = &visit->grant;

    grant->email = visit->challenge.email;
    grant->workspace = stand_in_form_field(exchange, "workspace");
    grant->source = stand_in_form_field(exchange, "source");
    if (grant->workspace.len == 0)
        grant->workspace = first_of(exchange,
                                    "SELECT m.workspace FROM member m JOIN workspace w"
                                    " ON w.slug = m.workspace WHERE email = ?1"
                                    " ORDER BY role <> 'owner', w.rowid LIMIT 1",
                                    grant->email);
    visit->objection = grant_objection(exchange, &visit->ask, grant);
}

static bool read_visit(struct exchange *exchange, struct visit *ret_visit)
{
    *ret_visit = (struct visit){.objection = NULL};
    if (!stand_in_form_read(exchange, CHALLENGE_CONSENT, CHALLENGE_NAME, &ret_visit->id,
                            &ret_visit->challenge) ||
        !ask_read(exchange, ret_visit->challenge.query, &ret_visit->ask))
        return false;
    choose(exchange, ret_visit);
    return true;
}

/* --- the page ----------------------------------------------------------------------- */

static void show_request(struct buf *out, const struct visit *visit)
{
    const struct scope scope = scope_parse(visit->ask.scope);
    const struct bytes *name = &visit->ask.app.display_name;

    html_addf(out, "<h1>Authorize %b</h1>\n", name);
    switch (scope.kind) {
    case SCOPE_DESTINATION:
        html_addf(out,
                  "<p>%b would like to administer the %b destination on one of your "
                  "sources.</p>\n<p>Which source would you like to grant %b access "
                  "to?</p>\n",
                  name, &scope.slug, name);
        return;
    case SCOPE_READ:
        html_addf(out,
                  "<p>%b would like to read one of your workspaces:</p>\n<ul>\n"
                  "<li>its sources and destinations, with their settings</li>\n"
                  "<li>its tracking plans, functions and members</li>\n"
                  "<li>and nothing of it can be changed</li>\n</ul>\n",
                  name);
        return;
    case SCOPE_WORKSPACE:
    case SCOPE_NONE:
    default:
        html_addf(out,
                  "<p>%b would like to administer one of your workspaces:</p>\n<ul>\n"
                  "<li>read everything in it</li>\n"
                  "<li>create, change and delete its sources and destinations</li>\n"
                  "<li>change its tracking plans, functions and members</li>\n</ul>\n",
                  name);
    }
}

/* Options of value and label; the chosen one selected. */
static void show_options(struct exchange *exchange, const char *literal,
                         struct bytes about, struct bytes chosen)
{
    struct sql_statement *statement = world_use(exchange->world, literal);

    sql_bind_text(statement, 1, about);
    sql_bind(statement, 2, SHOWN);
    while (world_step(exchange->world, statement)) {
        const struct bytes value = sql_bytes(statement, 0);
        const struct bytes label = sql_bytes(statement, 1);

        html_addf(&exchange->out, "<option value=\"%b\"%s>%b</option>\n", &value,
                  bytes_eq(value, chosen) ? " selected" : "", &label);
    }
}

/* "<div class="field"><label>Workspace</label><select …>", up to its options. */
static void begin_picker(struct buf *out, const char *name, const char *label)
{
    html_addf(out,
              "<div class=\"field\"><label for=\"%s\">%s</label><select id=\"%s\" "
              "name=\"%s\">\n",
              name, label, name, name);
}

static void show_pickers(struct exchange *exchange, const struct visit *visit)
{
    struct buf *out = &exchange->out;

    begin_picker(out, "workspace", "Workspace");
    show_options(exchange,
                 "SELECT m.workspace, m.workspace FROM member m JOIN workspace w"
                 " ON w.slug = m.workspace WHERE email = ?1 ORDER BY w.rowid LIMIT ?2",
                 visit->grant.email, visit->grant.workspace);
    html_add(out, "</select></div>\n<p class=\"row\"><button class=\"small\" name=\"do\" "
                  "value=\"workspace\">Change workspace</button></p>\n");
    if (!grant_needs_source(&visit->ask))
        return;
    begin_picker(out, "source", "Source");
    show_options(exchange,
                 "SELECT name, slug FROM source WHERE workspace = ?1"
                 " ORDER BY rowid LIMIT ?2",
                 visit->grant.workspace, visit->grant.source);
    html_add(out, "</select><span class=\"hint\">If you don't see a source, you may not "
                  "be its owner.</span></div>\n");
}

static void show_button(struct buf *out, enum grant_answer answer, const char *label)
{
    html_add(out, "<button");
    if (answer == GRANT_ALLOW)
        html_add(out, " class=\"main\"");
    html_addf(out, " name=\"do\" value=\"%s\">%s</button>\n", grant_answer_name(answer),
              label);
}

/* Why Allow is not there, or will not do. */
static void show_objection(struct exchange *exchange, const struct visit *visit)
{
    struct buf *out = &exchange->out;

    if (visit->objection != NULL)
        html_addf(out,
                  "<p class=\"note is-warn\" role=\"alert\">⚠ You cannot allow this. %s"
                  "</p>\n",
                  visit->objection);
    else if (!visit->ask.app.allows_reinstall &&
             install_exists(exchange->world, visit->ask.app.id, visit->grant.workspace))
        html_addf(out,
                  "<p class=\"note is-warn\">⚠ %b is installed on %b already: Allow will "
                  "answer \"install already exists\".</p>\n",
                  &visit->ask.app.display_name, &visit->grant.workspace);
}

static void show_answers(struct exchange *exchange, const struct visit *visit)
{
    struct buf *out = &exchange->out;

    show_objection(exchange, visit);
    html_add(out, "<p class=\"row\">\n");
    if (visit->objection == NULL)
        show_button(out, GRANT_ALLOW, "Allow");
    show_button(out, GRANT_DENY, "Deny");
    html_add(out, "</p>\n<details>\n<summary>Make it fail instead</summary>\n"
                  "<p class=\"row\">\n");
    show_button(out, GRANT_DENY, "access_denied");
    show_button(out, GRANT_SERVER_ERROR, "server_error");
    if (visit->objection == NULL) {
        show_button(out, GRANT_SHORT_CODE, "code that expires in 1 s");
        show_button(out, GRANT_WRONG_STATE, "wrong state");
        show_button(out, GRANT_SLOW, "slow (5 s)");
    }
    html_add(out, "</p>\n</details>\n");
}

static void show_asked(struct buf *out, const struct ask *ask)
{
    const struct {
        const char *name;
        const struct bytes *value;
    } rows[] = {
        {"client_id", &ask->client_id},
        {"redirect_uri", &ask->redirect_uri},
        {"response_type", &ask->response_type},
        {"scope", &ask->scope},
        {"state", &ask->state},
        {"code_challenge", &ask->pkce_challenge},
        {"code_challenge_method", &ask->pkce_method_text},
    };

    html_add(out, "<details>\n<summary>What the app asked</summary>\n<dl>\n");
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (rows[i].value->ptr != NULL)
            html_addf(out, "<dt>%s</dt><dd><code>%b</code></dd>\n", rows[i].name,
                      rows[i].value);
    }
    html_add(out, "</dl>\n</details>\n");
}

static void show(struct exchange *exchange, const struct visit *visit,
                 const char *trouble)
{
    const struct page page = {.title =
                                  arena_printf(&exchange->arena, "Authorize %.*s",
                                               BYTES_FMT(visit->ask.app.display_name)),
                              .section = NULL};
    struct buf *out = &exchange->out;

    page_begin(exchange, &page);
    show_request(out, visit);
    if (trouble != NULL)
        html_addf(out, "<p class=\"note is-error\" role=\"alert\">✖ %s</p>\n", trouble);
    stand_in_form_begin(exchange, "/authorize", CHALLENGE_NAME, visit->id,
                        &visit->challenge);
    show_pickers(exchange, visit);
    show_answers(exchange, visit);
    show_asked(out, &visit->ask);
    html_addf(out,
              "<p class=\"row\"><span>Logged in as %b</span> <button class=\"small end\" "
              "name=\"do\" value=\"log_out\">Log out</button></p>\n</form>\n",
              &visit->grant.email);
    page_end(exchange);
}

static void get_consent(struct exchange *exchange)
{
    struct visit visit;

    if (read_visit(exchange, &visit))
        show(exchange, &visit, NULL);
}

/* --- the answer --------------------------------------------------------------------- */

/* Somebody else may say yes, to the same request. */
static void log_out(struct exchange *exchange, const struct visit *visit)
{
    session_end(exchange);
    challenge_end(exchange, visit->id);
    oauth_begin_login(exchange, visit->ask.query);
}

static void finish(struct exchange *exchange, const struct visit *visit,
                   enum grant_answer answer)
{
    const struct challenge next = {
        .query = visit->ask.query,
        .email = visit->grant.email,
        .workspace = visit->grant.workspace,
        .source = visit->grant.source,
        .answer = bytes_str(grant_answer_name(answer)),
    };

    stand_in_form_finish(exchange, visit->id, CHALLENGE_CONSENT_VERIFIER, &next);
}

/* What is no failure needs somebody who may say yes, and a source of that workspace. */
static void consent(struct exchange *exchange, const struct visit *visit,
                    enum grant_answer answer)
{
    const bool is_no = answer == GRANT_DENY || answer == GRANT_SERVER_ERROR;

    if (is_no || (visit->objection == NULL &&
                  grant_has_source(exchange, &visit->ask, &visit->grant))) {
        finish(exchange, visit, answer);
        return;
    }
    exchange->status = visit->objection != NULL ? 403 : 400;
    show(exchange, visit,
         visit->objection != NULL
             ? NULL
             : "Now choose one of the sources of this workspace, then Allow.");
}

static void post_consent(struct exchange *exchange)
{
    const struct bytes action = stand_in_form_field(exchange, "do");
    struct visit visit;

    if (!read_visit(exchange, &visit))
        return;
    if (action.len == 0 || bytes_eq(action, BYTES("workspace")))
        show(exchange, &visit, NULL);
    else if (bytes_eq(action, BYTES("log_out")))
        log_out(exchange, &visit);
    else
        consent(exchange, &visit, grant_answer_parse(action));
}

static void missing(struct exchange *exchange, enum route_missing why)
{
    exchange_refuse(exchange, why == ROUTE_NO_METHOD ? 405 : 404,
                    "there is no such page");
}

static const struct route routes[] = {
    {"GET", "/authorize", get_consent, FIDELITY_GUESS,
     "A page of our own, in the order of Segment's; it can be made to fail."},
    {"POST", "/authorize", post_consent, FIDELITY_GUESS, "Fields and token are ours."},
    {.method = NULL},
};

const struct area authorize_area = {
    .title = "Consent",
    .prefix = "/authorize/",
    .routes = routes,
    .body_bytes = BODY_BYTES,
    .missing_fn = missing,
};
