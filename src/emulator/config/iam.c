/* SPDX-License-Identifier: MIT */

/* Who may do what in a workspace (dossier §7.9): the shapes of the lists only. */

#include "emulator/config/answer.h"
#include "emulator/config/input.h"
#include "emulator/config/routes.h"
#include "emulator/frame/exchange.h"
#include "emulator/world/world.h"
#include "json/write.h"

static const struct {
    const char *id, *title, *description;
} roles[] = {
    {"owner", "Owner", "Everything."},
    {"read_only", "Read-only", "Sees everything, changes nothing."},
};

static void begin(struct exchange *exchange, struct write *write, const char *member)
{
    config_begin(exchange, write);
    write_object(write);
    write_key(write, member);
    write_array(write);
}

static void end(struct exchange *exchange, struct write *write)
{
    write_array_end(write);
    write_member_text(write, "next_page_token", "");
    write_object_end(write);
    config_send(exchange);
}

static void write_name(struct exchange *exchange, struct write *write,
                       const char *collection, const char *id)
{
    write_member_text(write, "name",
                      arena_printf(&exchange->arena, "%.*s/%s/%s",
                                   BYTES_FMT(config_name(exchange, 1)), collection, id));
}

void config_list_roles(struct exchange *exchange)
{
    struct write write;

    if (!config_has_parent(exchange, 1))
        return;
    begin(exchange, &write, "roles");
    for (size_t i = 0; i < COUNT(roles); i++) {
        write_object(&write);
        write_name(exchange, &write, "roles", roles[i].id);
        write_member_text(&write, "title", roles[i].title);
        write_member_text(&write, "description", roles[i].description);
        write_object_end(&write);
    }
    end(exchange, &write);
}

static void list_nothing(struct exchange *exchange, const char *member)
{
    struct write write;

    if (!config_has_parent(exchange, 1))
        return;
    begin(exchange, &write, member);
    end(exchange, &write);
}

void config_list_policies(struct exchange *exchange)
{
    list_nothing(exchange, "policies");
}

void config_list_invites(struct exchange *exchange)
{
    list_nothing(exchange, "invites");
}

static void write_user(struct exchange *exchange, struct sql_statement *row,
                       struct write *write)
{
    const char *email =
        arena_printf(&exchange->arena, "%.*s", BYTES_FMT(sql_bytes(row, 1)));
    const char *role =
        arena_printf(&exchange->arena, "%.*s", BYTES_FMT(sql_bytes(row, 3)));

    write_object(write);
    write_name(exchange, write, "users", email);
    write_member_text(write, "email", email);
    write_member_string(write, "display_name", sql_bytes(row, 2));
    write_key(write, "roles");
    write_array(write);
    write_object(write);
    write_name(exchange, write, "roles", role);
    write_object_end(write);
    write_array_end(write);
    write_object_end(write);
}

void config_list_users(struct exchange *exchange)
{
    const struct config_list list = {
        .member = "users",
        .literal = "SELECT p.rowid, p.email, p.name, m.role FROM member m"
                   " JOIN person p ON p.email = m.email"
                   " WHERE 'workspaces/' || m.workspace = ?1 AND p.rowid > ?2"
                   " ORDER BY p.rowid LIMIT ?3",
        .of = config_name(exchange, 1),
        .write_fn = write_user,
    };

    if (config_has_parent(exchange, 1))
        config_answer_list(exchange, &list);
}
