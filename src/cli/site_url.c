/* SPDX-License-Identifier: MIT */

#include "cli/site_url.h"

#include "base/err.h"
#include "cli/api.h"
#include "cli/call.h"
#include "cli/setup.h"
#include "json/json.h"

static void add_without_slash(struct bytes url, struct buf *ret_url)
{
    if (bytes_ends(url, BYTES("/")))
        url = bytes_slice(url, 0, url.len - 1);
    buf_add(ret_url, url);
}

/* As the service says it: "0.0.0.0:8888" is no address that a browser can go to. */
static void add_listener(struct bytes address, struct buf *ret_url)
{
    const struct bytes colon = BYTES(":");
    size_t at = address.len;

    while (at > 0 && address.ptr[at - 1] != ':')
        at--;
    if (bytes_starts(address, BYTES("http")))
        add_without_slash(address, ret_url);
    else if (at > 0) {
        buf_add_text(ret_url, "http://localhost");
        buf_add(ret_url, colon);
        buf_add(ret_url, bytes_slice(address, at, address.len));
    }
}

static int from_service(const struct call *call, struct buf *ret_url, struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;
    struct api api;

    if (api_open(&api, call, err) < 0 ||
        api_call(&api, "GET", "/api/v1/status", BYTES(""), &json, err) < 0)
        return -1;
    add_listener(json_string(json_path(json, "listeners.public")), ret_url);
    return ret_url->len > 0 ? 0 : err_set(err, "the service does not say where it is");
}

int site_url(const struct call *call, struct buf *ret_url, bool *ret_is_public,
             struct err *err)
{
    struct setup setup;
    struct config *config = NULL;
    int answer = setup_read(&setup, call, /* is_dev= */ true, err);
    bool is_public = false;

    if (answer == 0 && setup_load(&setup, call, &config) == SETUP_BROKEN)
        answer = ERR_CONFIG;
    if (answer == 0 && config->server.public_url != NULL) {
        is_public = true;
        add_without_slash(bytes_str(config->server.public_url), ret_url);
    }
    config_free(config);
    setup_done(&setup);
    if (answer == 0 && !is_public)
        answer = from_service(call, ret_url, err);
    if (ret_is_public != NULL)
        *ret_is_public = is_public;
    return answer;
}
