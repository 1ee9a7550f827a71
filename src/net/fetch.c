/* SPDX-License-Identifier: MIT */

/*
 * The client for those who can wait: a loop of its own for one request.
 */

#include "base/err.h"
#include "net/client.h"
#include "sys/loop.h"

/* Between the one that waits and the one that is called. */
struct wait {
    struct loop *loop;
    struct buf *storage;
    struct client_header *header_storage;
    struct client_response *ret_response;
};

static struct bytes keep(struct buf *storage, struct bytes bytes)
{
    const size_t start = storage->len;

    (void)buf_add(storage, bytes); /* room for all was made before */
    return bytes_slice(buf_bytes(storage), start, bytes.len);
}

/* False when @storage cannot hold it all. */
static bool keep_response(struct wait *wait, const struct client_response *response)
{
    size_t len = response->body.len;

    for (size_t i = 0; i < response->n_headers; i++)
        len += response->headers[i].name.len + response->headers[i].value.len;
    if (buf_room(wait->storage, len) == NULL)
        return false;

    for (size_t i = 0; i < response->n_headers; i++) {
        wait->header_storage[i].name = keep(wait->storage, response->headers[i].name);
        wait->header_storage[i].value = keep(wait->storage, response->headers[i].value);
    }
    *wait->ret_response = *response;
    wait->ret_response->headers = wait->header_storage;
    wait->ret_response->body = keep(wait->storage, response->body);
    return true;
}

static void on_done(void *arg, const struct client_response *response)
{
    struct wait *wait = arg;

    loop_stop(wait->loop);
    if (keep_response(wait, response))
        return;
    *wait->ret_response = (struct client_response){
        .transport = TRANSPORT_TOO_LARGE,
        .duration_us = response->duration_us,
        .error = "the answer is larger than the caller's memory for it",
    };
}

void client_fetch(const struct client_request *request, struct buf *storage,
                  struct client_header *header_storage,
                  struct client_response *ret_response)
{
    struct loop *loop = loop_new();
    struct client *client = client_new(loop, /* max_connections_per_host= */ 1);
    struct wait wait = {loop, storage, header_storage, ret_response};

    (void)client_start(client, request, on_done, &wait);
    loop_run(loop);
    client_free(client);
    loop_free(loop);
}

/* What follows a stream until somebody ends it. */
struct follower {
    bool (*on_bytes)(void *arg, struct bytes bytes);
    void *arg;
    bool was_stopped;
};

static bool pass_on(void *arg, struct bytes bytes)
{
    struct follower *follower = arg;

    follower->was_stopped = !follower->on_bytes(follower->arg, bytes);
    return !follower->was_stopped;
}

static int refuse(const struct client_response *response, struct err *err)
{
    const int status = response->status;

    (void)err_set(err, "the answer is %d: %.*s", status,
                  BYTES_FMT(bytes_slice(bytes_trim(response->body), 0, 200)));
    if (err != NULL)
        err->exit_code = status == 401 || status == 403 ? ERR_AUTH
                         : status == 404                ? ERR_NOT_FOUND
                                                        : ERR_TRY_LATER;
    return -1;
}

int client_follow(const struct client_request *request,
                  bool (*on_bytes)(void *arg, struct bytes bytes), void *arg,
                  struct err *err)
{
    struct follower follower = {on_bytes, arg, false};
    struct client_request followed = *request;
    struct client_response response = {0};
    struct client_header headers[CLIENT_MAX_HEADERS];
    struct buf storage;
    int r = 0;

    followed.bytes_fn = pass_on;
    followed.bytes_arg = &follower;
    buf_init(&storage, (size_t)2 * CLIENT_RESPONSE_BYTES);
    client_fetch(&followed, &storage, headers, &response);
    if (response.transport != TRANSPORT_OK && !follower.was_stopped) {
        r = err_set(err, "%s", response.error);
        if (err != NULL)
            err->exit_code =
                response.transport == TRANSPORT_TIMEOUT ? ERR_TIMEOUT : ERR_TRY_LATER;
    } else if (response.transport == TRANSPORT_OK && response.status / 100 != 2) {
        r = refuse(&response, err);
    }
    buf_done(&storage);
    return r;
}
