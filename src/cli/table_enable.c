/* SPDX-License-Identifier: MIT */

#include "cli/table_enable.h"

#include "base/attr.h"
#include "cli/commands.h"

#define EXAMPLES(...)                                                                    \
    (const char *const[])                                                                \
    {                                                                                    \
        __VA_ARGS__, NULL                                                                \
    }

static const struct flag start_flags[] = {
    {.name = "auto-approve", .summary = "consent by itself; the local Segment only"},
    {.name = "subscription",
     .kind = FLAG_TEXT,
     .value = "NAME",
     .is_repeatable = true,
     .summary = "whose events the new key is for"},
    {.name = "timeout",
     .kind = FLAG_DURATION,
     .value = "TIME",
     .default_text = "120s",
     .summary = "how long to wait for the consent"},
    {.name = "no-open", .summary = "do not open the browser"},
    {.name = NULL},
};

static const struct flag sync_flags[] = {
    {.name = "mend", .summary = "set again what differs"},
    {.name = "dry-run", .letter = 'n', .summary = "only say what would be done"},
    {.name = NULL},
};

static const struct flag token_flags[] = {
    {.name = "reveal", .summary = "yes, print the secret"},
    {.name = NULL},
};

static const struct flag forget_flags[] = {
    {.name = "yes",
     .letter = 'y',
     .summary = "do not ask (needed where nobody can answer)"},
    {.name = "dry-run", .letter = 'n', .summary = "only say what would be done"},
    {.name = NULL},
};

static const struct flag button_flags[] = {
    {.name = "theme",
     .kind = FLAG_CHOICE,
     .value = "THEME",
     .choices = "light dark green",
     .default_text = "green",
     .summary = "light, dark or green"},
    {.name = "format",
     .kind = FLAG_CHOICE,
     .value = "FORMAT",
     .choices = "html markdown",
     .default_text = "html",
     .summary = "html or markdown"},
    {.name = NULL},
};

/* Whose Segment, as whom, and whether at all. */
#define LINK_FLAGS                                                                       \
    {.name = "install",                                                                  \
     .kind = FLAG_TEXT,                                                                  \
     .value = "N",                                                                       \
     .summary = "with this install's token; default: the only one's"},                   \
        {.name = "token-file",                                                           \
         .kind = FLAG_PATH,                                                              \
         .value = "FILE",                                                                \
         .summary = "with the token in this file; - is standard input"},                 \
        {.name = "api",                                                                  \
         .kind = FLAG_CHOICE,                                                            \
         .value = "API",                                                                 \
         .choices = "v1beta public",                                                     \
         .summary = "v1beta or public; default: segment.api"},                           \
        {.name = "api-url",                                                              \
         .kind = FLAG_TEXT,                                                              \
         .value = "URL",                                                                 \
         .summary = "where that API is; default: segment.api_url"},                      \
    {                                                                                    \
        .name = "dry-run", .letter = 'n',                                                \
        .summary = "show the request, and send nothing"                                  \
    }

#define PAGE_FLAGS                                                                       \
    {.name = "all", .summary = "every page of a list; with --json one object a page"},   \
        {.name = "limit",                                                                \
         .kind = FLAG_NUMBER,                                                            \
         .value = "N",                                                                   \
         .summary = "so many a page; default: the API's"},                               \
    {                                                                                    \
        .name = "after", .kind = FLAG_TEXT, .value = "CURSOR",                           \
        .summary = "continue where a list ended"                                         \
    }

static const struct flag read_flags[] = {
    LINK_FLAGS,
    PAGE_FLAGS,
    {.name = NULL},
};

#define YES_FLAG                                                                         \
    {                                                                                    \
        .name = "yes", .letter = 'y', .summary = "delete without a question"             \
    }

static const struct flag source_flags[] = {
    LINK_FLAGS,
    PAGE_FLAGS,
    YES_FLAG,
    {.name = "catalog",
     .kind = FLAG_TEXT,
     .value = "NAME",
     .summary = "create: what it is, as in the catalog (javascript)"},
    {.name = NULL},
};

static const struct flag destination_flags[] = {
    LINK_FLAGS,
    PAGE_FLAGS,
    YES_FLAG,
    {.name = "set",
     .kind = FLAG_TEXT,
     .value = "NAME=VALUE",
     .is_repeatable = true,
     .summary = "a setting, JSON or text; NAME=@FILE reads the text from a file"},
    {.name = "enabled", .summary = "switch it on"},
    {.name = "disabled", .summary = "switch it off"},
    {.name = "connection-mode",
     .kind = FLAG_CHOICE,
     .value = "MODE",
     .choices = "CLOUD DEVICE UNSPECIFIED",
     .summary = "CLOUD, DEVICE or UNSPECIFIED; create: CLOUD (v1beta only)"},
    {.name = "source",
     .kind = FLAG_TEXT,
     .value = "NAME",
     .summary = "of which source; default: the install's"},
    {.name = NULL},
};

static const struct flag raw_flags[] = {
    LINK_FLAGS,
    {.name = "body",
     .kind = FLAG_TEXT,
     .value = "@FILE|JSON",
     .summary = "what to send; --data takes it too"},
    {.name = NULL},
};

static const struct command commands[] = {
    {
        .name = "install start",
        .group = GROUP_WORK,
        .arguments = "",
        .summary = "Enable with Segment: open the flow and wait for its end",
        .examples = EXAMPLES("partnerapp install start",
                             "partnerapp install start --no-open --timeout 10m",
                             "partnerapp install start --auto-approve --json"),
        .flags = start_flags,
        .run = install_start_run,
    },
    {
        .name = "install list",
        .group = GROUP_WORK,
        .arguments = "",
        .summary = "who has installed the app, and how it stands",
        .examples = EXAMPLES("partnerapp install list", "partnerapp install list --json"),
        .run = install_list_run,
    },
    {
        .name = "install get",
        .group = GROUP_WORK,
        .arguments = "N",
        .min_args = 1,
        .max_args = 1,
        .summary = "one install, without its token",
        .examples =
            EXAMPLES("partnerapp install get 7", "partnerapp install get installs/7"),
        .run = install_get_run,
    },
    {
        .name = "install refresh",
        .group = GROUP_FIX,
        .arguments = "N",
        .min_args = 1,
        .max_args = 1,
        .summary = "a new token now; the old one dies",
        .examples = EXAMPLES("partnerapp install refresh 7"),
        .run = install_refresh_run,
    },
    {
        .name = "install sync",
        .group = GROUP_FIX,
        .arguments = "N",
        .min_args = 1,
        .max_args = 1,
        .summary = "how the destination differs from what we set; exit 10 when it does",
        .examples =
            EXAMPLES("partnerapp install sync 7", "partnerapp install sync 7 --mend",
                     "partnerapp install sync 7 --mend --dry-run"),
        .flags = sync_flags,
        .run = install_sync_run,
    },
    {
        .name = "install token",
        .group = GROUP_WORK,
        .arguments = "N --reveal",
        .min_args = 1,
        .max_args = 1,
        .summary = "its token on standard output, good for an hour at most",
        .examples = EXAMPLES("partnerapp install token 7 --reveal > token.txt"),
        .flags = token_flags,
        .run = install_token_run,
    },
    {
        .name = "install forget",
        .group = GROUP_FIX,
        .arguments = "N",
        .min_args = 1,
        .max_args = 1,
        .summary = "drop our copy; the customer must remove the app in Segment too",
        .examples =
            EXAMPLES("partnerapp install forget 7", "partnerapp install forget 7 --yes"),
        .flags = forget_flags,
        .run = install_forget_run,
    },
    {
        .name = "install button",
        .group = GROUP_SETUP,
        .arguments = "",
        .summary = "the button for your site, as HTML or Markdown",
        .examples = EXAMPLES("partnerapp install button",
                             "partnerapp install button --theme dark",
                             "partnerapp install button --format markdown"),
        .flags = button_flags,
        .run = install_button_run,
    },
    {
        .name = "segment workspaces",
        .group = GROUP_WORK,
        .arguments = "[list|get NAME]",
        .max_args = 2,
        .summary = "Segment's API: the workspaces that the token can see",
        .examples = EXAMPLES("partnerapp segment workspaces",
                             "partnerapp segment workspaces get workspaces/acme --json"),
        .flags = read_flags,
        .run = segment_workspaces_run,
    },
    {
        .name = "segment sources",
        .group = GROUP_WORK,
        .arguments = "[list [WORKSPACE]|get NAME|create NAME|delete NAME]",
        .max_args = 2,
        .summary = "Segment's API: where events come from",
        .examples = EXAMPLES(
            "partnerapp segment sources list workspaces/acme --all",
            "partnerapp segment sources get workspaces/acme/sources/website",
            "partnerapp segment sources create workspaces/acme/sources/app --catalog ios",
            "partnerapp segment sources delete workspaces/acme/sources/app --dry-run"),
        .flags = source_flags,
        .run = segment_sources_run,
    },
    {
        .name = "segment destinations",
        .group = GROUP_WORK,
        .arguments = "[list [SOURCE]|get NAME|create NAME|update NAME|delete NAME]",
        .max_args = 2,
        .summary = "Segment's API: where events go",
        .examples =
            EXAMPLES("partnerapp segment destinations get demo",
                     "partnerapp segment destinations create demo --set apiKey=@key.txt",
                     "partnerapp segment destinations update demo --disabled --dry-run",
                     "partnerapp segment destinations list workspaces/w/sources/s"),
        .flags = destination_flags,
        .run = segment_destinations_run,
    },
    {
        .name = "segment catalog",
        .group = GROUP_WORK,
        .arguments = "destinations|sources [SLUG]",
        .min_args = 1,
        .max_args = 2,
        .summary = "Segment's API: what can be created, and its settings",
        .examples = EXAMPLES("partnerapp segment catalog destinations",
                             "partnerapp segment catalog destinations demo --json"),
        .flags = read_flags,
        .run = segment_catalog_run,
    },
    {
        .name = "segment api",
        .group = GROUP_WORK,
        .arguments = "METHOD PATH",
        .min_args = 2,
        .max_args = 2,
        .summary = "Segment's API: any request, with the token and with retries",
        .examples = EXAMPLES(
            "partnerapp segment api GET /v1beta/workspaces",
            "partnerapp segment api POST /v1beta/workspaces/acme/sources "
            "--data @source.json",
            "partnerapp segment api GET /sources --api public --token-file t.txt"),
        .flags = raw_flags,
        .run = segment_api_run,
    },
};

size_t table_enable_count(void)
{
    return COUNT(commands);
}

const struct command *table_enable_at(size_t index)
{
    return &commands[index];
}
