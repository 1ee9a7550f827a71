/* SPDX-License-Identifier: MIT */

#include "cli/api.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "cli/call.h"
#include "cli/setup.h"
#include "net/client.h"
#include "net/egress.h"
#include "sys/disk.h"
#include "json/json.h"

enum { TIMEOUT_MS = 30000, SMALL_FILE = 4096, EVENT_MAX = 16 << 20, CODE_LEN = 6 };

/* The address was typed by the operator: any may be reached. */
static const char *const anywhere[] = {"0.0.0.0/0", "::/0"};

static void add_header(struct client_header *headers, size_t *n, const char *name,
                       struct bytes value)
{
    if (*n < CLIENT_MAX_HEADERS)
        headers[(*n)++] = (struct client_header){bytes_str(name), value};
}

/* A client's request with the headers that ours always have. */
struct outgoing {
    struct client_header headers[CLIENT_MAX_HEADERS];
    char authorization[160];
    struct egress *egress;
    struct client_request request;
};

static int prepare(struct outgoing *out, const struct api_request *request,
                   struct err *err)
{
    size_t n = 0;

    *out = (struct outgoing){0};
    if (egress_new(anywhere, COUNT(anywhere), /* allow_loopback= */ true, &out->egress,
                   err) < 0)
        return -1;
    if (request->body.len > 0)
        add_header(out->headers, &n, "Content-Type", BYTES("application/json"));
    if (request->token != NULL && request->token[0] != '\0') {
        snprintf(out->authorization, sizeof(out->authorization), "Bearer %s",
                 request->token);
        add_header(out->headers, &n, "Authorization", bytes_str(out->authorization));
    }
    for (size_t i = 0; i < request->n_headers; i++)
        add_header(out->headers, &n, request->headers[i].name,
                   bytes_str(request->headers[i].value));
    out->request = (struct client_request){
        .method = bytes_str(request->method),
        .url = bytes_str(request->url),
        .headers = out->headers,
        .n_headers = n,
        .body = request->body,
        .has_body = request->body.len > 0,
        .timeout_ms = TIMEOUT_MS,
        .max_response_bytes = API_ANSWER_MAX,
        .egress = out->egress,
    };
    return 0;
}

/* "http://host:port" of an absolute URL. */
static struct bytes origin_of(const char *url)
{
    struct bytes whole = bytes_str(url);
    size_t host = bytes_find(whole, BYTES("://")) + strlen("://");
    struct bytes rest = bytes_slice(whole, host, whole.len);

    return bytes_slice(whole, 0, host + bytes_index(rest, '/'));
}

static int not_reachable(const char *url, const char *why, struct err *err)
{
    /* @why may lie in @err. */
    char reason[192];

    snprintf(reason, sizeof(reason), "%s", why);
    err_code(err, "PA7010", ERR_TRY_LATER, "no partnerapp answers at %.*s: %s",
             BYTES_FMT(origin_of(url)), reason);
    err_help(err, "start one: partnerapp dev");
    return err_help(err,
                    "elsewhere? partnerapp --server URL, or --data DIR of the service");
}

int api_send(const struct api_request *request, struct api_answer *ret_answer,
             struct err *err)
{
    struct outgoing out;
    struct client_header headers[CLIENT_MAX_HEADERS];
    struct client_response response = {0};

    buf_init(&ret_answer->storage, API_ANSWER_MAX + (1 << 16));
    if (prepare(&out, request, err) < 0)
        return -1;
    client_fetch(&out.request, &ret_answer->storage, headers, &response);
    egress_free(out.egress);
    secret_wipe(out.authorization, sizeof(out.authorization));
    if (response.transport != TRANSPORT_OK)
        return not_reachable(request->url, response.error, err);
    ret_answer->status = response.status;
    ret_answer->body = response.body;
    return 0;
}

void api_answer_done(struct api_answer *answer)
{
    buf_done(&answer->storage);
    answer->body = (struct bytes){0};
}

/* The trimmed content of DATA/@name; false when it is not there. */
static bool read_small(const char *data, const char *name, char *ret_text, size_t size)
{
    char path[1024];
    struct buf content;
    struct bytes text;
    bool is_good;

    snprintf(path, sizeof(path), "%s/%s", data, name);
    if (!disk_exists(path))
        return false;
    buf_init(&content, SMALL_FILE);
    is_good = disk_read(path, &content, NULL) == 0;
    text = bytes_trim(buf_bytes(&content));
    is_good = is_good && text.len > 0 && text.len < size;
    if (is_good)
        snprintf(ret_text, size, "%.*s", BYTES_FMT(text));
    secret_wipe(content.ptr, content.len);
    buf_done(&content);
    return is_good;
}

static bool is_this_machine(const char *url)
{
    static const char *const hosts[] = {"://127.0.0.1", "://localhost", "://[::1]"};

    for (size_t i = 0; i < COUNT(hosts); i++) {
        const char *found = strstr(url, hosts[i]);

        if (found != NULL && strchr(":/", found[strlen(hosts[i])]) != NULL)
            return true;
    }
    return false;
}

int api_open(struct api *api, const struct call *call, struct err *err)
{
    const char *server = call_text(call, "server");
    const char *data = setup_client_data(call);
    const char *token = getenv("PARTNERAPP_TOKEN");
    size_t len;

    *api = (struct api){.is_announced = true};
    if (server != NULL) {
        if (strncmp(server, "http://", 7) != 0 && strncmp(server, "https://", 8) != 0)
            return err_code(
                err, "PA7003", ERR_USAGE,
                "--server wants a URL such as http://127.0.0.1:8890; not `%s`", server);
        snprintf(api->base, sizeof(api->base), "%s", server);
    } else if (!read_small(data, "admin.url", api->base, sizeof(api->base))) {
        api->is_announced = false;
        snprintf(api->base, sizeof(api->base), "http://127.0.0.1:8888");
    }
    len = strlen(api->base);
    if (len > 0 && api->base[len - 1] == '/')
        api->base[len - 1] = '\0';

    if (token != NULL && token[0] != '\0')
        snprintf(api->token, sizeof(api->token), "%s", token);
    else if (server == NULL || call_text(call, "data") != NULL ||
             is_this_machine(api->base))
        /* Not to a stranger: whose token lies here by default is this machine's. */
        (void)read_small(data, "admin.token", api->token, sizeof(api->token));
    return 0;
}

static const struct {
    int status;
    const char *code;
    enum err_exit exit_code;
} refusals[] = {
    {401, "PA7026", ERR_AUTH},      {403, "PA7026", ERR_AUTH},
    {404, "PA7005", ERR_NOT_FOUND}, {409, "PA7027", ERR_CONFLICT},
    {429, "PA7028", ERR_TRY_LATER}, {503, "PA7028", ERR_TRY_LATER},
    {400, "PA7029", ERR_USAGE},     {422, "PA7029", ERR_USAGE},
};

/* What a status means when the service gave no code of its own. */
static void judge_status(int status, struct err *err)
{
    err_code(err, "PA7025", ERR_FAILED, "the service answered %d", status);
    for (size_t i = 0; i < COUNT(refusals); i++) {
        if (refusals[i].status == status)
            err_code(err, refusals[i].code, refusals[i].exit_code,
                     "the service answered %d", status);
    }
}

/* A query that is not understood comes back with a mark where, and with what is known. */
static void read_place(const struct json *json, struct err *err)
{
    struct bytes place = json_string(json_get(json, "place"));
    struct bytes help = json_string(json_get(json, "help"));

    if (place.len > 0)
        snprintf(err->place, sizeof(err->place), "%.*s", BYTES_FMT(place));
    if (help.len > 0)
        snprintf(err->help, sizeof(err->help), "%.*s", BYTES_FMT(help));
}

static int refused(int status, struct bytes body, struct err *err)
{
    static const char *const members[] = {"message", "title", "detail"};
    cleanup(json_freep) struct json *json = NULL;
    struct bytes code;

    judge_status(status, err);
    if (err == NULL || json_parse(body, &json, NULL) < 0)
        return -1;
    for (size_t i = 0; i < COUNT(members); i++) {
        struct bytes text = json_string(json_get(json, members[i]));

        struct bytes first = bytes_take_until(&text, '\n');

        /* The first line is what happened; further ones are what to do. */
        if (first.len == 0)
            continue;
        snprintf(err->text, sizeof(err->text), "%.*s", BYTES_FMT(first));
        snprintf(err->help, sizeof(err->help), "%.*s", BYTES_FMT(text));
    }
    read_place(json, err);
    code = json_string(json_get(json, "code"));
    if (code.len == CODE_LEN && bytes_starts(code, BYTES("PA")))
        snprintf(err->code, sizeof(err->code), "%.*s", BYTES_FMT(code));
    if (err->exit_code == ERR_AUTH)
        err_help(err, "--data DIR of the service (it holds admin.token), or "
                      "PARTNERAPP_TOKEN=pat_…");
    return -1;
}

int api_call_text(const struct api *api, const char *method, const char *path,
                  struct bytes body, struct buf *ret_text, struct err *err)
{
    char url[4096];
    struct api_request request = {
        .method = method, .url = url, .body = body, .token = api->token};
    struct api_answer answer = {0};
    int result;

    if ((size_t)snprintf(url, sizeof(url), "%s%s", api->base, path) >= sizeof(url))
        return err_code(err, "PA7029", ERR_USAGE, "the query is too long");
    result = api_send(&request, &answer, err);
    if (result == 0 && answer.status >= 300)
        result = refused(answer.status, answer.body, err);
    if (result == 0 && buf_add(ret_text, answer.body) != 0)
        result = err_set(err, "the service's answer is too large");
    api_answer_done(&answer);
    return result;
}

int api_call(const struct api *api, const char *method, const char *path,
             struct bytes body, struct json **ret_json, struct err *err)
{
    struct buf text;
    int result;

    buf_init(&text, API_ANSWER_MAX);
    result = api_call_text(api, method, path, body, &text, err);
    if (result == 0 && ret_json != NULL) {
        *ret_json = NULL;
        if (text.len > 0 && json_parse(buf_bytes(&text), ret_json, err) < 0)
            result = err_wrap(err, "%s is no partnerapp, or not this version", api->base);
    }
    buf_done(&text);
    return result;
}

void api_add_segment(struct buf *path, struct bytes value)
{
    static const char unreserved[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
        "0123456789-._~";

    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] != '\0' && strchr(unreserved, value.ptr[i]) != NULL)
            buf_add_char(path, value.ptr[i]);
        else
            buf_addf(path, "%%%02X", (unsigned char)value.ptr[i]);
    }
}

void api_add_query(struct buf *path, const char *name, struct bytes value)
{
    bool is_first = bytes_index(buf_bytes(path), '?') == path->len;

    if (value.len == 0)
        return;
    buf_addf(path, "%c%s=", is_first ? '?' : '&', name);
    api_add_segment(path, value);
}

/* Server-Sent Events put together from pieces that end anywhere. */
struct follow {
    api_event_fn *fn;
    void *arg;
    struct buf pending; /* bytes of a block that is not whole yet */
};

static bool hand_over(const struct follow *follow, struct bytes block)
{
    struct bytes name = BYTES("message");
    struct bytes data = BYTES("");

    while (block.len > 0) {
        struct bytes line = bytes_trim(bytes_take_until(&block, '\n'));

        if (bytes_starts(line, BYTES("event:")))
            name = bytes_trim(bytes_slice(line, 6, line.len));
        else if (bytes_starts(line, BYTES("data:")))
            data = bytes_trim(bytes_slice(line, 5, line.len));
    }
    return data.len == 0 || follow->fn(follow->arg, name, data);
}

static bool on_bytes(void *arg, struct bytes bytes)
{
    struct follow *follow = arg;
    bool goes_on = true;

    if (buf_add(&follow->pending, bytes) != 0)
        return false;
    while (goes_on) {
        struct bytes all = buf_bytes(&follow->pending);
        size_t end = bytes_find(all, BYTES("\n\n"));

        if (end >= all.len)
            break;
        goes_on = hand_over(follow, bytes_slice(all, 0, end));
        buf_drop_front(&follow->pending, end + 2);
    }
    return goes_on;
}

int api_follow(const struct api *api, const char *path, api_event_fn *fn, void *arg,
               struct err *err)
{
    char url[4096];
    static const struct api_header accept = {"Accept", "text/event-stream"};
    struct api_request request = {.method = "GET",
                                  .url = url,
                                  .token = api->token,
                                  .headers = &accept,
                                  .n_headers = 1};
    struct follow follow = {.fn = fn, .arg = arg};
    struct outgoing out;
    int result;

    if ((size_t)snprintf(url, sizeof(url), "%s%s", api->base, path) >= sizeof(url))
        return err_code(err, "PA7029", ERR_USAGE, "the query is too long");
    if (prepare(&out, &request, err) < 0)
        return -1;
    out.request.timeout_ms = 0;
    buf_init(&follow.pending, EVENT_MAX);
    result = client_follow(&out.request, on_bytes, &follow, err);
    if (result < 0 && err->code[0] == '\0')
        result = not_reachable(api->base, err->text, err);
    buf_done(&follow.pending);
    egress_free(out.egress);
    return result;
}

int api_download(const struct api *api, const char *path, int64_t from,
                 bool (*fn)(void *arg, struct bytes bytes), void *arg, struct err *err)
{
    char url[1024], range[64];
    const struct api_header headers[] = {{"Range", range}};
    const struct api_request request = {.method = "GET",
                                        .url = url,
                                        .token = api->token,
                                        .headers = headers,
                                        .n_headers = from > 0};
    struct outgoing out;
    int result;

    snprintf(url, sizeof(url), "%s%s", api->base, path);
    snprintf(range, sizeof(range), "bytes=%lld-", (long long)from);
    if (prepare(&out, &request, err) < 0)
        return -1;
    out.request.timeout_ms = 0;
    result = client_follow(&out.request, fn, arg, err);
    egress_free(out.egress);
    return result;
}
