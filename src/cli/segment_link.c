/* SPDX-License-Identifier: MIT */

#include "cli/segment_link.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "cli/api.h"
#include "cli/call.h"
#include "cli/emulator_link.h"
#include "cli/input.h"
#include "cli/install.h"
#include "cli/setup.h"
#include "sys/disk.h"
#include "json/json.h"

enum { TOKEN_BYTES = 8192, PATH_BYTES = 1024 };

#define PUBLIC_TOKEN "SEGMENT_PUBLIC_API_TOKEN"

static void wipe(struct buf *buf)
{
    if (buf->ptr != NULL)
        secret_wipe(buf->ptr, buf->len);
    buf_done(buf);
}

static void set_bearer(struct segment_link *link, struct bytes token)
{
    cleanup(wipe) struct buf value = {0};

    buf_init(&value, TOKEN_BYTES);
    buf_addf(&value, "Bearer %.*s", BYTES_FMT(token));
    secret_set(&link->authorization, buf_bytes(&value));
}

/* --- where -------------------------------------------------------------------------- */

static int use_url(struct segment_link *link, const char *flag, const char *url,
                   struct err *err)
{
    struct bytes text = bytes_str(url);

    if (bytes_ends(text, BYTES("/")))
        text = bytes_slice(text, 0, text.len - 1);
    if ((!bytes_starts(text, BYTES("https://")) &&
         !bytes_starts(text, BYTES("http://"))) ||
        text.len >= sizeof(link->base))
        return err_code(err, "PA7003", ERR_USAGE,
                        "%s wants a URL such as https://platform.segmentapis.com; not "
                        "`%s`",
                        flag, url);
    snprintf(link->base, sizeof(link->base), "%.*s", BYTES_FMT(text));
    return 0;
}

/* Whether a local Segment was announced; a service elsewhere has one of its own. */
static bool find_local(const struct call *call, struct emulator_link *local)
{
    const char *url = getenv("PARTNERAPP_EMULATOR_URL");
    char path[PATH_BYTES];

    if (url != NULL && url[0] != '\0') {
        snprintf(local->base, sizeof(local->base), "%s", url);
        return true;
    }
    return call_text(call, "server") == NULL &&
           emulator_link_file(setup_client_data(call), path, sizeof(path)) &&
           disk_exists(path) && emulator_link_open(local, call, NULL) == 0;
}

/* The local Segment's Public API has a port and a token of its own. */
static int use_local(struct segment_link *link, const struct emulator_link *local,
                     struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;
    struct bytes url;
    struct bytes token;

    if (link->backend == SEGMENT_V1BETA)
        return use_url(link, "PARTNERAPP_EMULATOR_URL", local->base, err);
    if (emulator_link_ask(local, "GET", "/_emulator/env", BYTES(""), &json, err) < 0)
        return -1;
    url = json_string(json_get(json, "SEGMENT_PUBLIC_API_URL"));
    token = json_string(json_get(json, PUBLIC_TOKEN));
    if (url.len == 0 || url.len >= sizeof(link->base))
        return err_code(err, "PA5028", ERR_NOT_FOUND,
                        "the local Segment was started without its Public API");
    snprintf(link->base, sizeof(link->base), "%.*s", BYTES_FMT(url));
    if (!link->is_dry && token.len > 0)
        set_bearer(link, token);
    return 0;
}

static int find_base(struct segment_link *link, const struct call *call,
                     const struct setup *setup, const struct config *config,
                     struct err *err)
{
    const bool is_public = link->backend == SEGMENT_PUBLIC;
    const char *key = is_public ? "segment.public_api_url" : "segment.api_url";
    const char *configured =
        is_public ? config->segment.public_api_url : config->segment.api_url;
    struct emulator_link local;

    if (call_given(call, "api-url") != NULL)
        return use_url(link, "--api-url", call_given(call, "api-url"), err);
    if (!setup_has(setup, key) && find_local(call, &local))
        return use_local(link, &local, err);
    return use_url(link, key, configured, err);
}

static int choose_api(struct segment_link *link, const struct call *call, struct err *err)
{
    const char *api = call_given(call, "api");
    struct setup setup;
    struct config *config = NULL;
    int answer = setup_read(&setup, call, /* is_dev= */ true, err);

    if (answer == 0 && setup_load(&setup, call, &config) == SETUP_BROKEN)
        answer = ERR_CONFIG;
    if (answer == 0) {
        if (api == NULL)
            api = config->segment.api;
        link->backend = strcmp(api, "public") == 0 ? SEGMENT_PUBLIC : SEGMENT_V1BETA;
        answer = find_base(link, call, &setup, config, err);
    }
    config_free(config);
    setup_done(&setup);
    return answer;
}

/* --- as whom ------------------------------------------------------------------------ */

static int choose_install(const struct call *call, const struct api *api,
                          int64_t *ret_number, struct err *err)
{
    const char *given = call_given(call, "install");

    return given != NULL ? install_number(given, ret_number, err)
                         : install_only(api, ret_number, err);
}

static int use_install(struct segment_link *link, const struct call *call,
                       struct err *err)
{
    cleanup(buf_done) struct buf path = {0};
    cleanup(wipe) struct buf text = {0};
    cleanup(json_freep) struct json *json = NULL;
    struct api api;
    int64_t number;
    struct bytes token;

    buf_init(&text, INSTALL_TEXT_BYTES);
    if (api_open(&api, call, err) < 0 || choose_install(call, &api, &number, err) < 0) {
        err_help(err, "without a service: --token-file FILE");
        return -1;
    }
    install_path(number, "/token", &path);
    if (api_call_text(&api, "POST", buf_text(&path), BYTES(""), &text, err) < 0 ||
        json_parse(buf_bytes(&text), &json, err) < 0)
        return -1;
    token = install_text(json, "token");
    if (token.len == 0)
        return err_set(err, "the service answered without a token");
    set_bearer(link, token);
    return 0;
}

static int use_file(struct segment_link *link, const char *file, struct err *err)
{
    cleanup(wipe) struct buf token = {0};

    buf_init(&token, TOKEN_BYTES / 2);
    if (input_read_secret(file, "token-file", &token, err) < 0)
        return -1;
    set_bearer(link, buf_bytes(&token));
    return 0;
}

static int no_public_token(struct err *err)
{
    err_code(err, "PA5020", ERR_AUTH,
             "the Public API takes no install tokens: it wants one of its own");
    err_help(err, "a workspace owner makes one: Settings, Workspace settings, Access "
                  "Management, Tokens");
    return err_help(err,
                    "then --token-file FILE, or " PUBLIC_TOKEN " in the environment");
}

static int choose_token(struct segment_link *link, const struct call *call,
                        struct err *err)
{
    const char *file = call_given(call, "token-file");
    const char *token = getenv(PUBLIC_TOKEN);

    if (file != NULL)
        return use_file(link, file, err);
    if (link->backend == SEGMENT_V1BETA)
        return use_install(link, call, err);
    if (token != NULL && token[0] != '\0')
        set_bearer(link, bytes_str(token));
    return secret_is_set(&link->authorization) ? 0 : no_public_token(err);
}

int segment_link_open(struct segment_link *link, const struct call *call, struct err *err)
{
    int answer;

    *link = (struct segment_link){.is_dry = call_has(call, "dry-run")};
    answer = choose_api(link, call, err);
    if (answer == 0 && !link->is_dry)
        answer = choose_token(link, call, err);
    return answer;
}

void segment_link_done(struct segment_link *link)
{
    secret_done(&link->authorization);
}

int segment_link_ask_names(struct segment_link *link, const struct call *call,
                           struct err *err)
{
    cleanup(buf_done) struct buf path = {0};
    cleanup(json_freep) struct json *json = NULL;
    struct api api;
    int64_t number;

    if (api_open(&api, call, err) < 0 || choose_install(call, &api, &number, err) < 0) {
        err_help(err, "or give the whole name: workspaces/W/sources/S/destinations/D");
        return -1;
    }
    install_path(number, "", &path);
    if (api_call(&api, "GET", buf_text(&path), BYTES(""), &json, err) < 0)
        return -1;
    snprintf(link->workspace, sizeof(link->workspace), "%.*s",
             BYTES_FMT(install_text(json, "workspace")));
    snprintf(link->source, sizeof(link->source), "%.*s",
             BYTES_FMT(install_text(json, "source")));
    return 0;
}
