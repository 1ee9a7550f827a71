/* SPDX-License-Identifier: MIT */

/* /login: who are you today? Stands in for Segment's own; there are no passwords. */

#include "base/html.h"
#include "emulator/frame/areas.h"
#include "emulator/oauth/person.h"
#include "emulator/oauth/session.h"
#include "emulator/oauth/stand_in_form.h"
#include "emulator/pages/page.h"

#define CHALLENGE_NAME "login_challenge"

enum { BODY_BYTES = 65536 };

static void show(struct exchange *exchange, struct bytes id,
                 const struct challenge *challenge, const char *trouble)
{
    static const struct page page = {.title = "Log in to the emulator", .section = NULL};
    struct buf *out = &exchange->out;

    page_begin(exchange, &page);
    html_add(out, "<h1>Log in to the emulator</h1>\n");
    if (trouble != NULL)
        html_addf(out, "<p class=\"note is-error\" role=\"alert\">✖ %s</p>\n", trouble);
    stand_in_form_begin(exchange, "/login", CHALLENGE_NAME, id, challenge);
    html_add(out, "<fieldset>\n<legend>Who are you today?</legend>\n");
    person_write_choices(exchange);
    html_addf(out,
              "<p class=\"row\"><label class=\"inline\"><input type=\"radio\" "
              "name=\"person\" value=\"new\"%s> new person …</label> <span "
              "class=\"hint\">gets a workspace of her own</span></p>\n"
              "<div class=\"field\"><label for=\"email\">Email of the new person</label>"
              "<input id=\"email\" name=\"email\" type=\"text\" inputmode=\"email\" "
              "autocomplete=\"off\" maxlength=\"%d\"></div>\n</fieldset>\n",
              trouble != NULL ? " checked" : "", PERSON_EMAIL_BYTES);
    html_add(out, "<p class=\"row\"><button class=\"main\">Continue</button></p>\n"
                  "<p class=\"row\"><span>No passwords here.</span> <label "
                  "class=\"inline\">Remember me on this browser <input "
                  "type=\"checkbox\" name=\"remember\" value=\"on\" checked></label>"
                  "</p>\n</form>\n");
    page_end(exchange);
}

static void get_login(struct exchange *exchange)
{
    struct challenge challenge;
    struct bytes id;

    if (stand_in_form_read(exchange, CHALLENGE_LOGIN, CHALLENGE_NAME, &id, &challenge))
        show(exchange, id, &challenge, NULL);
}

/* Who it is; NULL, or why it is nobody. */
static const char *find_person(struct exchange *exchange, struct bytes *ret_email)
{
    const struct bytes person = stand_in_form_field(exchange, "person");

    *ret_email = person;
    if (!bytes_eq(person, BYTES("new")))
        return person.len > 0 && person_exists(exchange, person)
                   ? NULL
                   : "Choose one of the people, or enter the email of a new one.";
    *ret_email = bytes_trim(stand_in_form_field(exchange, "email"));
    if (!person_is_email(*ret_email))
        return "A new person needs an email address, such as ada@example.test.";
    if (!person_exists(exchange, *ret_email) && !person_add(exchange, *ret_email))
        return "There are too many people here already; a reset removes them.";
    return NULL;
}

static void post_login(struct exchange *exchange)
{
    struct challenge challenge;
    struct bytes id, email;
    const char *trouble;

    if (!stand_in_form_read(exchange, CHALLENGE_LOGIN, CHALLENGE_NAME, &id, &challenge))
        return;
    trouble = find_person(exchange, &email);
    if (trouble != NULL) {
        exchange->status = 400;
        show(exchange, id, &challenge, trouble);
        return;
    }
    if (stand_in_form_field(exchange, "remember").len > 0)
        session_start(exchange, email);
    stand_in_form_finish(exchange, id, CHALLENGE_LOGIN_VERIFIER,
                         &(struct challenge){.query = challenge.query, .email = email});
}

static void missing(struct exchange *exchange, enum route_missing why)
{
    exchange_refuse(exchange, why == ROUTE_NO_METHOD ? 405 : 404,
                    "there is no such page");
}

static const struct route routes[] = {
    {"GET", "/login", get_login, FIDELITY_GUESS,
     "A page of our own: people instead of passwords."},
    {"POST", "/login", post_login, FIDELITY_GUESS, "Fields and token are ours."},
    {.method = NULL},
};

const struct area login_area = {
    .title = "Login",
    .prefix = "/login/",
    .routes = routes,
    .body_bytes = BODY_BYTES,
    .missing_fn = missing,
};
