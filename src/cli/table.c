/* SPDX-License-Identifier: MIT */

/* The table itself; how it is searched stands in command.c. */

#include "cli/command.h"

#include "base/attr.h"
#include "cli/commands.h"
#include "cli/emulator_settings.h"
#include "cli/events.h"
#include "cli/fn_flags.h"
#include "cli/plain_flags.h"
#include "cli/table_access.h"
#include "cli/table_enable.h"
#include "cli/table_lambda.h"

#define EXAMPLES(...)                                                                    \
    (const char *const[])                                                                \
    {                                                                                    \
        __VA_ARGS__, NULL                                                                \
    }
#define FLAGS(...)                                                                       \
    (const struct flag[])                                                                \
    {                                                                                    \
        __VA_ARGS__,                                                                     \
        {                                                                                \
            .name = NULL                                                                 \
        }                                                                                \
    }

/* What several commands share. */
static const struct flag list_flags[] = {
    {.name = "limit",
     .kind = FLAG_NUMBER,
     .value = "N",
     .default_text = "20",
     .summary = "at most this many"},
    {.name = "after",
     .kind = FLAG_TEXT,
     .value = "CURSOR",
     .summary = "continue where a list ended (its `next`)"},
    {.name = NULL},
};

static const struct flag replay_flags[] = {
    {.name = "yes",
     .letter = 'y',
     .summary = "do not ask (needed where nobody can answer)"},
    {.name = "dry-run", .letter = 'n', .summary = "only say what would be done"},
    {.name = "detach", .summary = "print the job's id and do not wait for its end"},
    {.name = NULL},
};

static const struct flag discard_flags[] = {
    {.name = "yes",
     .letter = 'y',
     .summary = "do not ask (needed where nobody can answer)"},
    {.name = "dry-run", .letter = 'n', .summary = "only say what would be done"},
    {.name = NULL},
};

static const struct command commands[] = {
    {
        .name = "dev",
        .group = GROUP_START,
        .arguments = "",
        .summary = "everything on this machine; functions reload when you save",
        .examples = EXAMPLES("partnerapp dev", "partnerapp dev --port 9000 --no-open",
                             "partnerapp dev --fresh", "partnerapp dev --function my.js"),
        .flags = dev_flags,
        .run = dev_run,
    },
    {
        .name = "serve",
        .group = GROUP_START,
        .arguments = "",
        .summary = "production: no emulator, no sink, no hot keys",
        .examples = EXAMPLES("partnerapp serve",
                             "partnerapp serve --config /etc/partnerapp/partnerapp.yaml"),
        .run = serve_run,
    },
    {
        .name = "trigger",
        .group = GROUP_WORK,
        .arguments = "TYPE|FILE",
        .min_args = 1,
        .max_args = 1,
        .summary = "send a realistic event as Segment would, and wait for its end",
        .examples =
            EXAMPLES("partnerapp trigger track",
                     "partnerapp trigger identify --set traits.email=ana@example.com",
                     "partnerapp trigger track --count 100 --rate 50/s",
                     "partnerapp trigger event.json --key-file key.txt",
                     "partnerapp trigger track --via emulator"),
        .flags = trigger_flags,
        .run = trigger_run,
    },
    {
        .name = "emulator start",
        .group = GROUP_WORK,
        .arguments = "",
        .summary = "the local Segment alone, until Ctrl-C",
        .examples = EXAMPLES("partnerapp emulator start",
                             "partnerapp emulator start --port 9001 --data segment",
                             "partnerapp emulator start --seed 42 --clock-rate 3600"),
        .flags = emulator_start_flags,
        .run = emulator_start_run,
    },
    {
        .name = "emulator exec",
        .group = GROUP_WORK,
        .arguments = "-- COMMAND…",
        .min_args = 1,
        .max_args = 65536,
        .summary = "run a command with a local Segment of its own",
        .examples = EXAMPLES(
            "partnerapp emulator exec -- npm test",
            "partnerapp emulator exec -- sh -c 'curl -u $SEGMENT_WRITE_KEY: …'",
            "partnerapp emulator exec --seed 42 --scenario NAME -- ./install-test"),
        .flags = emulator_exec_flags,
        .run = emulator_exec_run,
    },
    {
        .name = "emulator env",
        .group = GROUP_WORK,
        .arguments = "",
        .summary = "what points a client at it: URLs, client id and secret",
        .examples = EXAMPLES("eval \"$(partnerapp emulator env)\"",
                             "partnerapp emulator env --format json"),
        .flags = emulator_env_flags,
        .run = emulator_env_run,
    },
    {
        .name = "emulator status",
        .group = GROUP_WORK,
        .arguments = "",
        .summary = "its clock, and how much of what there is",
        .examples =
            EXAMPLES("partnerapp emulator status", "partnerapp emulator status --json"),
        .flags = emulator_link_flags,
        .run = emulator_status_run,
    },
    {
        .name = "emulator reset",
        .group = GROUP_WORK,
        .arguments = "",
        .summary = "back to what it was at its first start",
        .examples = EXAMPLES("partnerapp emulator reset"),
        .flags = emulator_link_flags,
        .run = emulator_reset_run,
    },
    {
        .name = "emulator snapshot",
        .group = GROUP_WORK,
        .arguments = "save|load FILE",
        .min_args = 2,
        .max_args = 2,
        .summary = "keep all that it knows in a file, or go back to that",
        .examples = EXAMPLES("partnerapp emulator snapshot save installed.json",
                             "partnerapp emulator snapshot load installed.json"),
        .flags = emulator_link_flags,
        .run = emulator_snapshot_run,
    },
    {
        .name = "emulator clock",
        .group = GROUP_WORK,
        .arguments = "[show|advance TIME|freeze|resume|rate N]",
        .max_args = 2,
        .summary = "move, stop and speed up its time",
        .examples = EXAMPLES(
            "partnerapp emulator clock", "partnerapp emulator clock advance 2h",
            "partnerapp emulator clock freeze", "partnerapp emulator clock rate 3600"),
        .flags = emulator_link_flags,
        .run = emulator_clock_run,
    },
    {
        .name = "emulator fault",
        .group = GROUP_WORK,
        .arguments = "[list|set WHERE|clear [ID|WHERE]|play SCENARIO|scenarios]",
        .max_args = 2,
        .summary = "have Segment fail on demand, for a limited time",
        .examples = EXAMPLES(
            "partnerapp emulator fault set sink --status 503 --for 20s",
            "partnerapp emulator fault set config --method POST --delay 2s..6s --times 3",
            "partnerapp emulator fault set token --what hang --times 1",
            "partnerapp emulator fault scenarios", "partnerapp emulator fault clear"),
        .flags = emulator_fault_flags,
        .run = emulator_fault_run,
    },
    {
        .name = "events list",
        .group = GROUP_LOOK,
        .arguments = "[QUERY]",
        .max_args = 64,
        .summary = "find events",
        .examples = EXAMPLES("partnerapp events list", "partnerapp events list is:dead",
                             "partnerapp events list 'type:track after:2h' --limit 100",
                             "partnerapp events list 'status:5xx OR status:timeout'",
                             "partnerapp events list 'properties.plan:pro -is:delivered'",
                             "partnerapp events list user:u1 --json"),
        .notes = events_query_notes,
        .flags = list_flags,
        .run = events_list_run,
    },
    {
        .name = "events get",
        .group = GROUP_LOOK,
        .arguments = "ID",
        .min_args = 1,
        .max_args = 1,
        .summary = "one event: payload, function runs, requests, answers",
        .examples = EXAMPLES("partnerapp events get evt_01jd7k",
                             "partnerapp events get evt_01jd7k --json"),
        .run = events_get_run,
    },
    {
        .name = "events tail",
        .group = GROUP_LOOK,
        .arguments = "[QUERY]",
        .max_args = 64,
        .summary = "events as they come",
        .examples =
            EXAMPLES("partnerapp events tail", "partnerapp events tail type:track",
                     "partnerapp events tail --json"),
        .run = events_tail_run,
    },
    {
        .name = "events replay",
        .group = GROUP_FIX,
        .arguments = "ID…|QUERY",
        .min_args = 1,
        .max_args = 1000,
        .summary = "new deliveries of old events; shows the plan first",
        .examples = EXAMPLES("partnerapp events replay evt_01jd7k",
                             "partnerapp events replay 'type:track after:2h' --dry-run",
                             "partnerapp events replay is:discarded --yes"),
        .flags = replay_flags,
        .run = events_replay_run,
    },
    {
        .name = "events export",
        .group = GROUP_LOOK,
        .arguments = "[QUERY]",
        .max_args = 64,
        .summary = "all matches as one JSON object a line",
        .examples = EXAMPLES("partnerapp events export -o events.ndjson",
                             "partnerapp events export is:dead"),
        .flags = FLAGS({.name = "output",
                        .letter = 'o',
                        .kind = FLAG_PATH,
                        .value = "FILE",
                        .default_text = "-",
                        .summary = "where to write; - is standard output"}),
        .run = events_export_run,
    },
    {
        .name = "dead list",
        .group = GROUP_FIX,
        .arguments = "[QUERY]",
        .max_args = 64,
        .summary = "deliveries that failed for good",
        .examples = EXAMPLES("partnerapp dead list",
                             "partnerapp dead list 'sub:default after:1d'"),
        .flags = list_flags,
        .run = dead_list_run,
    },
    {
        .name = "dead replay",
        .group = GROUP_FIX,
        .arguments = "[ID…|QUERY]",
        .max_args = 1000,
        .summary = "try dead letters again; shows the plan first",
        .examples = EXAMPLES("partnerapp dead replay --dry-run",
                             "partnerapp dead replay 'sub:default after:24h' --yes"),
        .flags = replay_flags,
        .run = dead_replay_run,
    },
    {
        .name = "dead discard",
        .group = GROUP_FIX,
        .arguments = "ID…|QUERY",
        .min_args = 1,
        .max_args = 1000,
        .summary = "give dead letters up for good",
        .examples = EXAMPLES("partnerapp dead discard evt_01jd7k",
                             "partnerapp dead discard 'before:7d' --yes"),
        .flags = discard_flags,
        .run = dead_discard_run,
    },
    {
        .name = "fn check",
        .group = GROUP_WORK,
        .arguments = "FILE|NAME",
        .min_args = 1,
        .max_args = 1,
        .summary = "syntax, handlers, what is not there; runs none of the code",
        .examples = EXAMPLES("partnerapp fn check functions/hello/index.js",
                             "partnerapp fn check hello --json"),
        .flags = fn_check_flags,
        .run = fn_check_run,
    },
    {
        .name = "fn run",
        .group = GROUP_WORK,
        .arguments = "FILE|NAME",
        .min_args = 1,
        .max_args = 1,
        .summary = "run a function once, in the sandbox, without a server",
        .examples =
            EXAMPLES("partnerapp fn run functions/hello/index.js",
                     "partnerapp fn run functions/hello/index.js --event event.json",
                     "partnerapp fn run hello --event - --settings '{\"region\":\"eu\"}'",
                     "partnerapp fn run hello --settings @settings.json --live",
                     "partnerapp fn run shop --request webhook.json"),
        .flags = fn_run_flags,
        .run = fn_run_run,
    },
    {
        .name = "fn test",
        .group = GROUP_WORK,
        .arguments = "FILE|NAME",
        .min_args = 1,
        .max_args = 1,
        .summary = "the eight Developer Center events, alias, delete, and its own tests",
        .examples = EXAMPLES(
            "partnerapp fn test hello", "partnerapp fn test hello --watch",
            "partnerapp fn test hello --only 4", "partnerapp fn test hello --record",
            "partnerapp fn test hello --junit report.xml --strict"),
        .flags = fn_test_flags,
        .run = fn_test_run,
    },
    {
        .name = "fn new",
        .group = GROUP_START,
        .arguments = "NAME",
        .max_args = 1,
        .summary = "a new function from a template, with tests",
        .examples =
            EXAMPLES("partnerapp fn new crm", "partnerapp fn new alerts --template slack",
                     "partnerapp fn new --list"),
        .flags = fn_new_flags,
        .run = fn_new_run,
    },
    {
        .name = "endpoint list",
        .group = GROUP_FIX,
        .arguments = "",
        .summary = "the hosts that requests go to, and how they do",
        .examples =
            EXAMPLES("partnerapp endpoint list", "partnerapp endpoint list --json"),
        .run = endpoint_list_run,
    },
    {
        .name = "endpoint get",
        .group = GROUP_FIX,
        .arguments = "HOST",
        .min_args = 1,
        .max_args = 1,
        .summary = "one endpoint",
        .examples = EXAMPLES("partnerapp endpoint get api.example.com"),
        .run = endpoint_get_run,
    },
    {
        .name = "endpoint pause",
        .group = GROUP_FIX,
        .arguments = "HOST",
        .min_args = 1,
        .max_args = 1,
        .summary = "stop sending there; deliveries wait",
        .examples = EXAMPLES("partnerapp endpoint pause api.example.com"),
        .run = endpoint_pause_run,
    },
    {
        .name = "endpoint resume",
        .group = GROUP_FIX,
        .arguments = "HOST",
        .min_args = 1,
        .max_args = 1,
        .summary = "send again, what waited first",
        .examples = EXAMPLES("partnerapp endpoint resume api.example.com"),
        .run = endpoint_resume_run,
    },
    {
        .name = "endpoint ping",
        .group = GROUP_FIX,
        .arguments = "HOST",
        .min_args = 1,
        .max_args = 1,
        .summary = "one test request: does it answer?",
        .examples = EXAMPLES("partnerapp endpoint ping api.example.com"),
        .run = endpoint_ping_run,
    },
    {
        .name = "status",
        .group = GROUP_LOOK,
        .arguments = "",
        .summary = "is it up, what is waiting, what is failing",
        .examples = EXAMPLES("partnerapp status", "partnerapp status --json"),
        .run = status_run,
    },
    {
        .name = "vault rotate",
        .group = GROUP_SETUP,
        .arguments = "",
        .summary = "a new master key; what is stored is sealed with it, running or not",
        .examples = EXAMPLES("partnerapp vault rotate", "partnerapp vault rotate --json"),
        .run = vault_rotate_run,
    },
    {
        .name = "keys create",
        .group = GROUP_SETUP,
        .arguments = "",
        .summary = "a key for a customer; shown once",
        .examples = EXAMPLES("partnerapp keys create --name acme",
                             "partnerapp keys create --name acme --value-file key.txt",
                             "partnerapp keys create --subscription default --json"),
        .flags = keys_create_flags,
        .run = keys_create_run,
    },
    {
        .name = "keys list",
        .group = GROUP_SETUP,
        .arguments = "",
        .summary = "the keys, without their values",
        .examples = EXAMPLES("partnerapp keys list"),
        .run = keys_list_run,
    },
    {
        .name = "keys revoke",
        .group = GROUP_SETUP,
        .arguments = "ID",
        .min_args = 1,
        .max_args = 1,
        .summary = "answer 401 to this key from now on",
        .examples = EXAMPLES("partnerapp keys revoke key_01jd7k"),
        .run = keys_revoke_run,
    },
    {
        .name = "token create",
        .group = GROUP_SETUP,
        .arguments = "",
        .summary = "a token for the admin listener; shown once",
        .examples = EXAMPLES("partnerapp token create --role viewer --name grafana"),
        .flags = token_create_flags,
        .run = token_create_run,
    },
    {
        .name = "token list",
        .group = GROUP_SETUP,
        .arguments = "",
        .summary = "the tokens, without their values",
        .examples = EXAMPLES("partnerapp token list"),
        .run = token_list_run,
    },
    {
        .name = "token revoke",
        .group = GROUP_SETUP,
        .arguments = "ID",
        .min_args = 1,
        .max_args = 1,
        .summary = "refuse this token from now on",
        .examples = EXAMPLES("partnerapp token revoke tok_01jd7k"),
        .run = token_revoke_run,
    },
    {
        .name = "sign",
        .group = GROUP_WORK,
        .arguments = "[FILE|-]",
        .max_args = 1,
        .summary = "the X-Signature that Segment would send for a body",
        .examples = EXAMPLES("partnerapp sign --secret-file secret.txt body.json",
                             "cat body.json | partnerapp sign --secret-file secret.txt"),
        .flags = sign_flags,
        .run = sign_run,
    },
    {
        .name = "verify",
        .group = GROUP_WORK,
        .arguments = "[FILE|-]",
        .max_args = 1,
        .summary = "is this X-Signature right for a body? exit 0 or 10",
        .examples = EXAMPLES("partnerapp verify --secret-file secret.txt --signature "
                             "5099cab379b3be52908387457007040cc934ef86 body.json"),
        .flags = verify_flags,
        .run = verify_run,
    },
    {
        .name = "config show",
        .group = GROUP_SETUP,
        .arguments = "",
        .summary = "the values in effect, secrets masked",
        .examples = EXAMPLES("partnerapp config show", "partnerapp config show --origin"),
        .flags = FLAGS({.name = "origin", .summary = "and where each came from"}),
        .run = config_show_run,
    },
    {
        .name = "config check",
        .group = GROUP_SETUP,
        .arguments = "[FILE]",
        .max_args = 1,
        .summary = "all problems of a configuration, without starting; exit 3 when any",
        .examples = EXAMPLES("partnerapp config check",
                             "partnerapp config check partnerapp.yaml"),
        .run = config_check_run,
    },
    {
        .name = "config reference",
        .group = GROUP_SETUP,
        .arguments = "",
        .summary = "every key: kind, default, environment, meaning",
        .examples =
            EXAMPLES("partnerapp config reference", "partnerapp config reference --json"),
        .run = config_reference_run,
    },
    {
        .name = "explain",
        .group = GROUP_FIX,
        .arguments = "CODE",
        .min_args = 1,
        .max_args = 1,
        .summary = "what an error code means, and what to do",
        .examples = EXAMPLES("partnerapp explain PA1003"),
        .run = explain_run,
    },
    {
        .name = "completion",
        .group = GROUP_SETUP,
        .arguments = "bash",
        .min_args = 1,
        .max_args = 1,
        .summary = "a script that completes commands and flags",
        .examples =
            EXAMPLES("partnerapp completion bash > ~/.local/share/bash-completion/"
                     "completions/partnerapp"),
        .run = completion_run,
    },
    {
        .name = "help",
        .group = GROUP_SETUP,
        .arguments = "[COMMAND]",
        .max_args = 2,
        .summary = "this, or a command's page",
        .examples = EXAMPLES("partnerapp help", "partnerapp help events list",
                             "partnerapp help --json"),
        .run = help_run,
    },
    {
        .name = "version",
        .group = GROUP_SETUP,
        .arguments = "",
        .summary = "which partnerapp this is",
        .examples = EXAMPLES("partnerapp version", "partnerapp version --json"),
        .run = version_run,
    },
    {.name = "doctor",
     .group = GROUP_FIX,
     .arguments = "",
     .summary = "check machine, configuration and reachability",
     .planned = "the operations issue"},
    {.name = "bench",
     .group = GROUP_LOOK,
     .arguments = "",
     .summary = "load test of the whole path",
     .planned = "the operations issue"},
};

size_t command_count(void)
{
    return COUNT(commands) + table_access_count() + table_enable_count() +
           table_lambda_count();
}

const struct command *command_at(size_t index)
{
    if (index < COUNT(commands))
        return &commands[index];
    index -= COUNT(commands);
    if (index < table_access_count())
        return table_access_at(index);
    index -= table_access_count();
    return index < table_enable_count() ? table_enable_at(index)
                                        : table_lambda_at(index - table_enable_count());
}
