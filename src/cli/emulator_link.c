/* SPDX-License-Identifier: MIT */

#include "cli/emulator_link.h"

#include <stdio.h>

#include "base/err.h"
#include "cli/api.h"
#include "cli/call.h"
#include "cli/setup.h"
#include "sys/disk.h"
#include "json/json.h"

enum { URL_FILE_BYTES = 4096, PATH_BYTES = 1024, PORT_LAST = 65535 };

bool emulator_link_file(const char *data, char *ret_path, size_t size)
{
    if ((size_t)snprintf(ret_path, size, "%s/emulator.url", data) < size)
        return true;
    ret_path[0] = '\0';
    return false;
}

static bool read_announced(struct emulator_link *link, const char *data)
{
    char path[PATH_BYTES];
    cleanup(buf_done) struct buf content = {0};
    struct bytes url;

    buf_init(&content, URL_FILE_BYTES);
    if (!emulator_link_file(data, path, sizeof(path)) || !disk_exists(path) ||
        disk_read(path, &content, NULL) < 0)
        return false;
    url = bytes_trim(buf_bytes(&content));
    if (url.len == 0 || url.len >= sizeof(link->base))
        return false;
    snprintf(link->base, sizeof(link->base), "%.*s", BYTES_FMT(url));
    return true;
}

static int use_url(struct emulator_link *link, const char *url, struct err *err)
{
    struct bytes text = bytes_str(url);

    if (bytes_ends(text, BYTES("/")))
        text = bytes_slice(text, 0, text.len - 1);
    if ((!bytes_starts(text, BYTES("http://")) &&
         !bytes_starts(text, BYTES("https://"))) ||
        text.len >= sizeof(link->base))
        return err_code(err, "PA7003", ERR_USAGE,
                        "--emulator-url wants a URL such as http://127.0.0.1:%d; not "
                        "`%s`",
                        EMULATOR_PORT_DEFAULT, url);
    snprintf(link->base, sizeof(link->base), "%.*s", BYTES_FMT(text));
    return 0;
}

int emulator_link_open(struct emulator_link *link, const struct call *call,
                       struct err *err)
{
    const char *typed = call_given(call, "emulator-url");
    const char *url = call_text(call, "emulator-url");
    const int64_t port = call_number(call, "port");

    *link = (struct emulator_link){.base = ""};
    if (call_has(call, "port") && (port < 1 || port > PORT_LAST))
        return err_code(err, "PA7003", ERR_USAGE, "--port is 1 to %d", PORT_LAST);
    if (typed == NULL && call_has(call, "port"))
        snprintf(link->base, sizeof(link->base), "http://127.0.0.1:%d", (int)port);
    else if (url != NULL)
        return use_url(link, url, err);
    else if (!read_announced(link, setup_client_data(call)))
        snprintf(link->base, sizeof(link->base), "http://127.0.0.1:%d",
                 EMULATOR_PORT_DEFAULT);
    return 0;
}

static int not_reachable(const struct emulator_link *link, struct err *err)
{
    err_code(err, "PA8010", ERR_TRY_LATER, "no local Segment answers at %s", link->base);
    err_help(err, "start one: partnerapp dev, or partnerapp emulator start");
    return err_help(err, "elsewhere? --port N, --emulator-url URL, or --data DIR of dev");
}

static int refused(int status, struct bytes body, struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;
    struct bytes message = BYTES("");

    if (json_parse(body, &json, NULL) == 0)
        message = json_string(json_get(json, "message"));
    if (message.len == 0)
        return err_code(err, "PA8011", ERR_FAILED, "the local Segment answered %d",
                        status);
    return err_code(err, "PA8011",
                    status == 404   ? ERR_NOT_FOUND
                    : status == 409 ? ERR_CONFLICT
                    : status < 500  ? ERR_USAGE
                                    : ERR_FAILED,
                    "the local Segment: %.*s", BYTES_FMT(message));
}

int emulator_link_ask_text(const struct emulator_link *link, const char *method,
                           const char *path, struct bytes body, struct buf *ret_text,
                           struct err *err)
{
    char url[PATH_BYTES + sizeof(link->base)];
    struct api_request request = {.method = method, .url = url, .body = body};
    struct api_answer answer = {0};
    int result;

    snprintf(url, sizeof(url), "%s%s", link->base, path);
    result = api_send(&request, &answer, err);
    if (result < 0)
        result = not_reachable(link, err);
    else if (answer.status >= 300)
        result = refused(answer.status, answer.body, err);
    else if (buf_add(ret_text, answer.body) != 0)
        result = err_set(err, "the local Segment's answer is too large");
    api_answer_done(&answer);
    return result;
}

int emulator_link_ask(const struct emulator_link *link, const char *method,
                      const char *path, struct bytes body, struct json **ret_json,
                      struct err *err)
{
    cleanup(buf_done) struct buf text = {0};

    buf_init(&text, API_ANSWER_MAX);
    *ret_json = NULL;
    if (emulator_link_ask_text(link, method, path, body, &text, err) < 0)
        return -1;
    if (text.len > 0 && json_parse(buf_bytes(&text), ret_json, err) < 0) {
        err_wrap(err, "what answers at %s is no local Segment", link->base);
        snprintf(err->code, sizeof(err->code), "PA8011");
        return -1;
    }
    return 0;
}
