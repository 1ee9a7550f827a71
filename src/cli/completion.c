/* SPDX-License-Identifier: MIT */

/* A script for bash, made from the table: words only, no call back into the program. */

#include "base/err.h"
#include "cli/call.h"
#include "cli/commands.h"

static void print_words(const struct print *out, const struct flag *flags)
{
    for (; flags != NULL && flags->name != NULL; flags++)
        print_text(out, " --%s", flags->name);
}

/* The first words of all commands, each once. */
static void print_first_words(const struct print *out)
{
    const size_t n_commands = command_count();

    for (size_t i = 0; i < n_commands; i++) {
        size_t len = strcspn(command_at(i)->name, " ");
        bool is_first = true;

        for (size_t j = 0; j < i; j++)
            is_first &= strncmp(command_at(j)->name, command_at(i)->name, len) != 0 ||
                        strcspn(command_at(j)->name, " ") != len;
        if (is_first)
            print_text(out, " %.*s", (int)len, command_at(i)->name);
    }
}

static void print_verbs(const struct print *out, const char *name, size_t len)
{
    const size_t n_commands = command_count();

    for (size_t i = 0; i < n_commands; i++) {
        if (strncmp(command_at(i)->name, name, len) == 0 &&
            command_at(i)->name[len] == ' ')
            print_text(out, " %s", command_at(i)->name + len + 1);
    }
}

static void print_cases(const struct print *out)
{
    const size_t n_commands = command_count();
    struct bytes family = BYTES("");

    for (size_t i = 0; i < n_commands; i++) {
        const char *name = command_at(i)->name;
        size_t len = strcspn(name, " ");

        if (name[len] == ' ' && !bytes_eq(family, bytes_of(name, len))) {
            family = bytes_of(name, len);
            print_text(out, "    '%.*s ') words='", BYTES_FMT(family));
            print_verbs(out, name, len);
            print_text(out, "' ;;\n");
        }
        print_text(out, "    '%s%s'*) words='", name, name[len] == ' ' ? "" : " ");
        print_words(out, command_at(i)->flags);
        print_words(out, command_global_flags());
        print_text(out, "' ;;\n");
    }
}

int completion_run(struct call *call, struct err *err)
{
    const struct print *out = &call->out;

    if (strcmp(call_arg(call, 0), "bash") != 0) {
        err_code(err, "PA7003", ERR_USAGE, "no completion for `%s`", call_arg(call, 0));
        return err_help(err, "partnerapp completion bash");
    }
    print_text(out,
               "# bash completion for partnerapp, made by `partnerapp completion bash`\n"
               "_partnerapp() {\n"
               "    local line=\"${COMP_WORDS[*]:1:COMP_CWORD-1} \" words\n"
               "    case \"${line# }\" in\n"
               "    '') words='");
    print_first_words(out);
    print_text(out, "' ;;\n");
    print_cases(out);
    print_text(out, "    esac\n"
                    "    case \"$2\" in\n"
                    "    -*|'') ;;\n"
                    "    *) compopt -o default ;;\n"
                    "    esac\n"
                    "    COMPREPLY=($(compgen -W \"$words\" -- \"$2\"))\n"
                    "}\n"
                    "complete -o default -F _partnerapp partnerapp\n");
    call_hint(call, "Put it where bash looks: partnerapp completion bash > "
                    "~/.local/share/bash-completion/completions/partnerapp");
    return 0;
}
