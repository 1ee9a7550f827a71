/* SPDX-License-Identifier: MIT */

#include "cli/help.h"

#include "base/err.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "json/write.h"

enum { HELP_MAX = 1 << 20, NAME_COLUMNS = 18, FLAG_COLUMNS = 26 };

static void print_group(const struct print *print, enum command_group group)
{
    const size_t n_commands = command_count();
    size_t shown_len = 0;
    const char *shown = "";

    print_styled(print, PRINT_BOLD, "  %-8s", command_group_title(group));
    for (size_t i = 0; i < n_commands; i++) {
        size_t len = strcspn(command_at(i)->name, " ");
        bool is_shown = len == shown_len && strncmp(command_at(i)->name, shown, len) == 0;

        if (command_at(i)->group != group || is_shown)
            continue;
        shown = command_at(i)->name;
        shown_len = len;
        print_text(print, " %.*s%s", (int)len, shown,
                   command_at(i)->planned != NULL ? "*" : "");
    }
    print_text(print, "\n");
}

void help_print_short(const struct print *print)
{
    print_text(print,
               "partnerapp %s: receive Segment's events, translate them, deliver "
               "them\n\n",
               PARTNERAPP_VERSION);
    print_text(print,
               "  partnerapp dev                 try everything on this machine\n"
               "  partnerapp trigger track       send an event, see it arrive\n"
               "  partnerapp events list         what came, and what became of it\n\n");
    for (int group = 0; group < GROUP_N; group++)
        print_group(print, (enum command_group)group);
    print_text(print,
               "\n  * comes later\n\n"
               "One command: partnerapp events list -h    An error: partnerapp explain "
               "PA1003\n");
}

static void print_flag(const struct print *print, const struct flag *flag)
{
    char name[64];
    char letter[8] = "    ";

    if (flag->letter != 0)
        snprintf(letter, sizeof(letter), "-%c, ", flag->letter);
    snprintf(name, sizeof(name), "--%s%s%s", flag->name, flag->value != NULL ? " " : "",
             flag->value != NULL ? flag->value : "");
    print_text(print, "  %s%-*s %s", letter, FLAG_COLUMNS, name, flag->summary);
    if (flag->default_text != NULL)
        print_text(print, " (default %s)", flag->default_text);
    if (flag->environment != NULL)
        print_text(print, " [%s]", flag->environment);
    print_text(print, "%s\n", flag->is_repeatable ? "; may come several times" : "");
}

static void print_flags(const struct print *print, const char *title,
                        const struct flag *flags)
{
    if (flags == NULL)
        return;
    print_styled(print, PRINT_BOLD, "\n%s\n", title);
    for (; flags->name != NULL; flags++)
        print_flag(print, flags);
}

void help_print_command(const struct print *print, const struct command *command)
{
    print_text(print, "partnerapp %s: %s\n", command->name, command->summary);
    if (command->planned != NULL) {
        print_text(print, "\nNot built yet; it comes with %s.\n", command->planned);
        return;
    }
    print_styled(print, PRINT_BOLD, "\nExamples\n");
    for (const char *const *example = command->examples; *example != NULL; example++)
        print_text(print, "  %s\n", *example);
    if (command->notes != NULL)
        print_text(print, "\n%s\n", command->notes);
    print_styled(print, PRINT_BOLD, "\nUsage\n");
    print_text(print, "  partnerapp %s%s%s [flags]\n", command->name,
               command->arguments[0] != '\0' ? " " : "", command->arguments);
    print_flags(print, "Flags", command->flags);
    print_flags(print, "Everywhere", command_global_flags());
}

static void print_row(const struct print *print, const struct command *command)
{
    print_text(print, "  %-*s %s%s\n", NAME_COLUMNS, command->name, command->summary,
               command->planned != NULL ? " (not built yet)" : "");
}

void help_print_family(const struct print *print, const char *family)
{
    const size_t n_commands = command_count();
    size_t len = strlen(family);

    for (size_t i = 0; i < n_commands; i++) {
        if (strncmp(command_at(i)->name, family, len) == 0 &&
            command_at(i)->name[len] == ' ')
            print_row(print, command_at(i));
    }
    print_text(print, "\nOne of them: partnerapp %s VERB -h\n", family);
}

static void print_all(const struct print *print)
{
    const size_t n_commands = command_count();

    help_print_short(print);
    for (int group = 0; group < GROUP_N; group++) {
        print_styled(print, PRINT_BOLD, "\n%s\n",
                     command_group_title((enum command_group)group));
        for (size_t i = 0; i < n_commands; i++) {
            if ((int)command_at(i)->group == group)
                print_row(print, command_at(i));
        }
    }
    print_flags(print, "Everywhere", command_global_flags());
}

static const char *kind_text(enum flag_kind kind)
{
    static const char *const kinds[] = {
        [FLAG_SWITCH] = "switch", [FLAG_TEXT] = "text",         [FLAG_PATH] = "path",
        [FLAG_NUMBER] = "number", [FLAG_DURATION] = "duration", [FLAG_RATE] = "rate",
        [FLAG_CHOICE] = "choice",
    };

    return kinds[kind];
}

static void write_flags(struct write *write, const struct flag *flags)
{
    write_array(write);
    for (; flags != NULL && flags->name != NULL; flags++) {
        char letter[2] = {flags->letter, '\0'};

        write_object(write);
        write_member_text(write, "name", flags->name);
        write_member_text(write, "letter", flags->letter != 0 ? letter : NULL);
        write_member_text(write, "kind", kind_text(flags->kind));
        write_member_text(write, "value", flags->value);
        write_member_text(write, "choices", flags->choices);
        write_member_text(write, "default", flags->default_text);
        write_member_text(write, "environment", flags->environment);
        write_member_bool(write, "repeatable", flags->is_repeatable);
        write_member_text(write, "summary", flags->summary);
        write_object_end(write);
    }
    write_array_end(write);
}

static void write_command(struct write *write, const struct command *command)
{
    write_object(write);
    write_member_text(write, "name", command->name);
    write_member_text(write, "group", command_group_title(command->group));
    write_member_text(write, "arguments", command->arguments);
    write_member_text(write, "summary", command->summary);
    write_member_bool(write, "built", command->planned == NULL);
    write_key(write, "examples");
    write_array(write);
    for (const char *const *example = command->examples;
         example != NULL && *example != NULL; example++)
        write_text(write, *example);
    write_array_end(write);
    write_key(write, "flags");
    write_flags(write, command->flags);
    write_object_end(write);
}

void help_print_json(const struct print *print)
{
    const size_t n_commands = command_count();
    struct buf json;
    struct write write;

    buf_init(&json, HELP_MAX);
    write_init(&write, &json);
    write_object(&write);
    write_key(&write, "flags");
    write_flags(&write, command_global_flags());
    write_key(&write, "commands");
    write_array(&write);
    for (size_t i = 0; i < n_commands; i++)
        write_command(&write, command_at(i));
    write_array_end(&write);
    write_object_end(&write);
    print_record(print, buf_bytes(&json));
    buf_done(&json);
}

int help_run(struct call *call, struct err *err)
{
    const char *first = call_arg(call, 0);
    const struct command *command;
    size_t n_words;

    if (call->wants_json) {
        help_print_json(&call->out);
        return 0;
    }
    if (first == NULL) {
        print_all(&call->out);
        return 0;
    }
    command = command_find(first, call_arg(call, 1), &n_words);
    if (command != NULL)
        help_print_command(&call->out, command);
    else if (command_is_family(first))
        help_print_family(&call->out, first);
    else
        return err_code(err, "PA7001", ERR_USAGE, "no command `%s`", first);
    return 0;
}
