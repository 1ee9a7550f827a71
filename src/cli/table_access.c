/* SPDX-License-Identifier: MIT */

#include "cli/table_access.h"

#include "base/attr.h"
#include "cli/commands.h"

#define EXAMPLES(...)                                                                    \
    (const char *const[])                                                                \
    {                                                                                    \
        __VA_ARGS__, NULL                                                                \
    }

#define PASSWORD_FLAG                                                                    \
    {                                                                                    \
        .name = "password-stdin",                                                        \
        .summary = "set the password that is read from standard input"                   \
    }

static const struct flag add_flags[] = {
    {.name = "role",
     .kind = FLAG_CHOICE,
     .value = "ROLE",
     .choices = "viewer operator admin",
     .default_text = "viewer",
     .summary = "viewer, operator or admin"},
    PASSWORD_FLAG,
    {.name = NULL},
};

static const struct flag password_flags[] = {PASSWORD_FLAG, {.name = NULL}};

static const struct flag remove_flags[] = {
    {.name = "yes",
     .letter = 'y',
     .summary = "do not ask (needed where nobody can answer)"},
    {.name = NULL},
};

static const struct flag audit_flags[] = {
    {.name = "limit",
     .kind = FLAG_NUMBER,
     .value = "N",
     .default_text = "50",
     .summary = "at most N rows, 1 to 1000"},
    {.name = "after",
     .kind = FLAG_TEXT,
     .value = "ID",
     .summary = "what is older than this row"},
    {.name = NULL},
};

static const struct command commands[] = {
    {
        .name = "user add",
        .group = GROUP_SETUP,
        .arguments = "NAME",
        .min_args = 1,
        .max_args = 1,
        .summary = "a user of the console; prints the link that chooses the password",
        .examples = EXAMPLES("partnerapp user add ada --role admin",
                             "partnerapp user add ci --password-stdin < password.txt"),
        .flags = add_flags,
        .run = user_add_run,
    },
    {
        .name = "user list",
        .group = GROUP_SETUP,
        .arguments = "",
        .summary = "the users of the console",
        .examples = EXAMPLES("partnerapp user list", "partnerapp user list --json"),
        .run = user_list_run,
    },
    {
        .name = "user remove",
        .group = GROUP_SETUP,
        .arguments = "NAME",
        .min_args = 1,
        .max_args = 1,
        .summary = "shut this user out, also where signed in now",
        .examples = EXAMPLES("partnerapp user remove ada --yes"),
        .flags = remove_flags,
        .run = user_remove_run,
    },
    {
        .name = "user role",
        .group = GROUP_SETUP,
        .arguments = "NAME ROLE",
        .min_args = 2,
        .max_args = 2,
        .summary = "viewer, operator or admin, from now on",
        .examples = EXAMPLES("partnerapp user role ada operator"),
        .run = user_role_run,
    },
    {
        .name = "user password",
        .group = GROUP_SETUP,
        .arguments = "NAME",
        .min_args = 1,
        .max_args = 1,
        .summary = "a new link that chooses the password, for a day and once",
        .examples = EXAMPLES("partnerapp user password ada",
                             "partnerapp user password ada --password-stdin"),
        .flags = password_flags,
        .run = user_password_run,
    },
    {
        .name = "audit list",
        .group = GROUP_LOOK,
        .arguments = "",
        .summary = "what was done by whom, the newest first",
        .examples = EXAMPLES("partnerapp audit list", "partnerapp audit list --json"),
        .flags = audit_flags,
        .run = audit_list_run,
    },
};

size_t table_access_count(void)
{
    return COUNT(commands);
}

const struct command *table_access_at(size_t index)
{
    return &commands[index];
}
