/* SPDX-License-Identifier: MIT */

#include "emulator/oauth/person.h"

#include "base/html.h"
#include "emulator/frame/exchange.h"
#include "emulator/world/invent.h"
#include "emulator/world/world.h"

enum { MAX_PEOPLE = 1000, SHOWN = 50, SLUG_LEN = 40, WRITE_KEY_LEN = 32 };

bool person_is_email(struct bytes text)
{
    const size_t at = bytes_index(text, '@');

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] <= ' ' || text.ptr[i] >= 0x7f ||
            strchr("\"<>(),;:\\", text.ptr[i]))
            return false;
    }
    return text.len <= PERSON_EMAIL_BYTES && at > 0 && at + 1 < text.len &&
           bytes_index(bytes_slice(text, at + 1, text.len), '@') == text.len - at - 1;
}

bool person_exists(struct exchange *exchange, struct bytes email)
{
    return world_number(exchange->world, "SELECT 1 FROM person WHERE email = ?1", email,
                        0) == 1;
}

/* --- somebody new ------------------------------------------------------------------- */

/* ?1 is the time, the texts begin at ?2. */
static void insert(struct world *world, const char *literal, const struct bytes *texts,
                   size_t n_texts)
{
    struct sql_statement *statement = world_use(world, literal);

    sql_bind(statement, 1, world_now_ms(world));
    for (size_t i = 0; i < n_texts; i++)
        sql_bind_text(statement, (int)i + 2, texts[i]);
    world_run(world, statement);
}

/* "ada-l" of "Ada.L@example.com", and a number behind it when that is taken. */
static struct bytes choose_slug(struct exchange *exchange, struct bytes email)
{
    const struct bytes name = bytes_slice(email, 0, bytes_index(email, '@'));
    char *slug = arena_copy(&exchange->arena, bytes_slice(name, 0, SLUG_LEN));
    struct bytes wanted = bytes_str(slug);
    int64_t number = 1;

    for (char *c = slug; *c != '\0'; c++) {
        const char lower = (char)(*c | 0x20);

        if (lower >= 'a' && lower <= 'z')
            *c = lower;
        else if (!(*c >= '0' && *c <= '9'))
            *c = '-';
    }
    while (world_number(exchange->world, "SELECT 1 FROM workspace WHERE slug = ?1",
                        wanted, 0) == 1)
        wanted = bytes_str(
            arena_printf(&exchange->arena, "%s-%lld", slug, (long long)++number));
    return wanted;
}

static void add_source(struct exchange *exchange, struct bytes workspace)
{
    struct world *world = exchange->world;
    const struct bytes name = bytes_str(arena_printf(
        &exchange->arena, "workspaces/%.*s/sources/website", BYTES_FMT(workspace)));
    char id[INVENT_BYTES], write_key[INVENT_BYTES];

    invent_alphanumeric(world, 10, id);
    invent_alphanumeric(world, WRITE_KEY_LEN, write_key);
    insert(world,
           "INSERT INTO source (create_time, name, workspace, id, slug, display_name,"
           " catalog_name) VALUES (?1, ?2, ?3, ?4, 'website', 'Website',"
           " 'catalog/sources/javascript')",
           (const struct bytes[]){name, workspace, bytes_str(id)}, 3);
    insert(world, "INSERT INTO write_key (source, write_key) VALUES (?2, ?3)",
           (const struct bytes[]){name, bytes_str(write_key)}, 2);
}

bool person_add(struct exchange *exchange, struct bytes email)
{
    struct world *world = exchange->world;
    const struct bytes slug = choose_slug(exchange, email);
    char id[INVENT_BYTES];

    if (world_number(world, "SELECT count(*) FROM person", bytes_of(NULL, 0), 0) >=
        MAX_PEOPLE)
        return false;
    invent_hex(world, 10, id);
    insert(world, "INSERT INTO person (email, name) VALUES (?2, ?2)", &email, 1);
    insert(world,
           "INSERT INTO workspace (create_time, slug, display_name, id)"
           " VALUES (?1, ?2, ?2, ?3)",
           (const struct bytes[]){slug, bytes_str(id)}, 2);
    insert(world, "INSERT INTO member (email, workspace, role) VALUES (?2, ?3, 'owner')",
           (const struct bytes[]){email, slug}, 2);
    add_source(exchange, slug);
    return true;
}

/* --- the list ----------------------------------------------------------------------- */

static void write_choice(struct buf *out, struct sql_statement *statement, bool is_first)
{
    const struct bytes email = sql_bytes(statement, 0);
    const struct bytes owned = sql_bytes(statement, 1);
    const struct bytes seen = sql_bytes(statement, 2);

    html_addf(out,
              "<p class=\"row\"><label class=\"inline\"><input type=\"radio\" "
              "name=\"person\" value=\"%b\"%s> %b</label> <span class=\"hint\">",
              &email, is_first ? " checked" : "", &email);
    if (owned.len > 0)
        html_addf(out, "owner of %b", &owned);
    if (seen.len > 0)
        html_addf(out, "%sread-only in %b: consent must fail", owned.len > 0 ? ", " : "",
                  &seen);
    html_add(out, "</span></p>\n");
}

void person_write_choices(struct exchange *exchange)
{
    struct world *world = exchange->world;
    struct sql_statement *statement =
        world_use(world, "SELECT email,"
                         " (SELECT group_concat(workspace, ' and ') FROM member m"
                         "  WHERE m.email = p.email AND role = 'owner'),"
                         " (SELECT group_concat(workspace, ' and ') FROM member m"
                         "  WHERE m.email = p.email AND role <> 'owner')"
                         " FROM person p ORDER BY rowid LIMIT ?1");
    bool is_first = true;

    sql_bind(statement, 1, SHOWN);
    while (world_step(world, statement)) {
        write_choice(&exchange->out, statement, is_first);
        is_first = false;
    }
}
