/* SPDX-License-Identifier: MIT */

#include "emulator/oauth/consent.h"

#include "base/err.h"
#include "emulator/control/control_routes.h"
#include "emulator/frame/exchange.h"
#include "emulator/world/world.h"
#include "json/json.h"
#include "json/write.h"

#define KEY "consent"

enum { SETTING_BYTES = 4096 };

/* --- the setting -------------------------------------------------------------------- */

static struct json *read_setting(struct world *world)
{
    cleanup(buf_done) struct buf text = {0};
    struct json *setting = NULL;
    struct err err = {0};

    buf_init(&text, SETTING_BYTES);
    if (!world_get(world, KEY, &text) || json_parse(buf_bytes(&text), &setting, &err) < 0)
        return NULL;
    return setting;
}

static struct bytes keep(struct exchange *exchange, struct bytes text)
{
    return bytes_of(arena_copy(&exchange->arena, text), text.len);
}

/* The one text that @literal answers of @about. */
static struct bytes look_up(struct exchange *exchange, const char *literal,
                            struct bytes about)
{
    struct sql_statement *statement = world_use(exchange->world, literal);
    struct bytes text = bytes_of(NULL, 0);

    if (about.len > 0)
        sql_bind_text(statement, 1, about);
    if (world_step(exchange->world, statement))
        text = keep(exchange, sql_bytes(statement, 0));
    sql_reset(statement);
    return text;
}

/* "website" is "workspaces/acme/sources/website". */
static struct bytes source_name(struct exchange *exchange, struct bytes workspace,
                                struct bytes source)
{
    if (bytes_index(source, '/') < source.len)
        return keep(exchange, source);
    return bytes_str(arena_printf(&exchange->arena, "workspaces/%.*s/sources/%.*s",
                                  BYTES_FMT(workspace), BYTES_FMT(source)));
}

bool consent_is_automatic(struct exchange *exchange, const struct ask *ask,
                          struct grant *ret_grant)
{
    cleanup(json_freep) struct json *setting = read_setting(exchange->world);
    const struct bytes workspace = json_string(json_get(setting, "workspace"));
    const struct bytes source = json_string(json_get(setting, "source"));
    const struct bytes person = json_string(json_get(setting, "person"));

    if (!json_bool(json_get(setting, "auto")))
        return false;
    ret_grant->answer = grant_answer_parse(json_string(json_get(setting, "answer")));
    ret_grant->workspace =
        workspace.len > 0
            ? keep(exchange, workspace)
            : look_up(exchange, "SELECT slug FROM workspace ORDER BY rowid LIMIT 1",
                      workspace);
    ret_grant->email = person.len > 0
                           ? keep(exchange, person)
                           : look_up(exchange,
                                     "SELECT email FROM member WHERE workspace = ?1"
                                     " AND role = 'owner' ORDER BY rowid LIMIT 1",
                                     ret_grant->workspace);
    ret_grant->source = bytes_of(NULL, 0);
    if (grant_needs_source(ask))
        ret_grant->source = source.len > 0
                                ? source_name(exchange, ret_grant->workspace, source)
                                : look_up(exchange,
                                          "SELECT name FROM source WHERE workspace = ?1"
                                          " ORDER BY rowid LIMIT 1",
                                          ret_grant->workspace);
    return true;
}

/* --- controls ----------------------------------------------------------------------- */

void consent_get(struct exchange *exchange)
{
    struct buf *out = &exchange->out;

    if (!world_get(exchange->world, KEY, out))
        buf_add_text(out, "{\"auto\":false}");
    exchange_answer(exchange, 200, "application/json");
}

/* What is named must be there; a mistake in a test's set-up is told at once. */
static const struct {
    const char *key, *literal, *trouble;
} names[] = {
    {"workspace", "SELECT slug FROM workspace WHERE slug = ?1",
     "workspace is the slug of one that there is, such as acme"},
    {"person", "SELECT email FROM person WHERE email = ?1",
     "person is the email of one that there is, such as owner@acme.test"},
};

static bool check_names(struct exchange *exchange, const struct json *body)
{
    for (size_t i = 0; i < COUNT(names); i++) {
        const struct json *value = json_get(body, names[i].key);

        if (value != NULL &&
            (json_string(value).len == 0 ||
             look_up(exchange, names[i].literal, json_string(value)).ptr == NULL)) {
            exchange_refuse(exchange, 400, "%s", names[i].trouble);
            return false;
        }
    }
    return true;
}

static bool check_source(struct exchange *exchange, const struct json *body)
{
    const struct bytes source = json_string(json_get(body, "source"));
    const struct bytes workspace = json_string(json_get(body, "workspace"));

    if (json_get(body, "source") == NULL)
        return true;
    if (workspace.len > 0 && source.len > 0 &&
        look_up(exchange, "SELECT name FROM source WHERE name = ?1",
                source_name(exchange, workspace, source))
                .ptr != NULL)
        return true;
    exchange_refuse(exchange, 400,
                    "source is the slug of a source of the workspace that is named "
                    "beside it, such as website");
    return false;
}

/* False: the words are none. */
static bool read_answer(const struct json *body, enum grant_answer *ret_answer)
{
    const struct json *answer = json_get(body, "answer");
    const struct json *deny = json_get(body, "deny");

    *ret_answer = json_bool(deny) ? GRANT_DENY : GRANT_ALLOW;
    if (deny != NULL && json_kind(deny) != JSON_BOOL)
        return false;
    if (answer == NULL)
        return true;
    *ret_answer = grant_answer_parse(json_string(answer));
    return bytes_eq(json_string(answer), bytes_str(grant_answer_name(*ret_answer)));
}

static void store(struct world *world, const struct json *body, enum grant_answer answer)
{
    static const char *const keys[] = {"workspace", "source", "person"};
    cleanup(buf_done) struct buf text = {0};
    struct write write;

    buf_init(&text, SETTING_BYTES);
    write_init(&write, &text);
    write_object(&write);
    write_member_bool(&write, "auto", json_bool(json_get(body, "auto")));
    for (size_t i = 0; i < COUNT(keys); i++) {
        if (json_get(body, keys[i]) != NULL)
            write_member_string(&write, keys[i], json_string(json_get(body, keys[i])));
    }
    write_member_text(&write, "answer", grant_answer_name(answer));
    write_object_end(&write);
    world_set(world, KEY, buf_bytes(&text));
}

void consent_put(struct exchange *exchange)
{
    cleanup(json_freep) struct json *body = exchange_read_object(exchange);
    enum grant_answer answer;

    if (body == NULL)
        return;
    if (json_kind(json_get(body, "auto")) != JSON_BOOL) {
        exchange_refuse(exchange, 400, "auto is true or false");
        return;
    }
    if (!read_answer(body, &answer)) {
        exchange_refuse(exchange, 400,
                        "answer is allow, access_denied, server_error, short_code, "
                        "wrong_state or slow; deny is true or false");
        return;
    }
    if (!check_names(exchange, body) || !check_source(exchange, body))
        return;
    store(exchange->world, body, answer);
    consent_get(exchange);
}
