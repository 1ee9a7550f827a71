/* SPDX-License-Identifier: MIT */

/* GET /auth/segment: an attempt begins. */

#include <stdio.h>

#include "base/mem.h"
#include "core/oauth.h"
#include "service/enable_state.h"
#include "service/errand.h"
#include "service/keeper.h"
#include "service/service.h"
#include "service/snapshot.h"
#include "store/installs.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/rand.h"

enum { URL_BYTES = 8192, NAME_BYTES = 256, SEALED_BYTES = 512 };

struct press {
    struct errand errand;
    struct site *site;
    struct server_request *request;
    struct store_oauth_attempt attempt;
    char subscription[NAME_BYTES];
    char state[OAUTH_STATE_LEN + 1], cookie[OAUTH_STATE_LEN + 1];
    char verifier[OAUTH_STATE_LEN + 1];
    char redirect_uri[ENABLE_ADDRESS_BYTES];
    char peer[64];
    struct buf sealed;
};

static int run_press(struct errand *errand, struct store *store, struct err *err)
{
    struct press *press = container_of(errand, struct press, errand);
    struct store_oauth_attempt *attempt = &press->attempt;

    if (store_new_attempt_row(store, &attempt->row, err) != 0)
        return -1;
    buf_clear(&press->sealed);
    vault_seal(press->site->vault, INSTALLS_ATTEMPT, attempt->row,
               bytes_str(press->verifier), &press->sealed);
    attempt->sealed = buf_bytes(&press->sealed);
    return store_add_attempt(store, attempt, clock_wall_ms(), err) == 0 ? 0 : -1;
}

static void redirect(struct press *press)
{
    const struct config *config = atomic_load(&press->site->snapshot)->config;
    const struct oauth_request request = {
        .id_url = bytes_str(config->segment.id_url),
        .client_id = secret_bytes(&config->app.client_id),
        .redirect_uri = bytes_str(press->redirect_uri),
        .scope = bytes_str(config->app.scope),
        .state = bytes_str(press->state),
        .verifier = bytes_str(press->verifier),
    };
    cleanup(buf_done) struct buf url = {0};
    char cookie[ENABLE_COOKIE_BYTES];
    struct server_answer answer = {.status = 302};

    buf_init(&url, URL_BYTES);
    (void)oauth_authorize_url(&request, &url);
    enable_write_cookie(press->site, bytes_str(press->state), press->cookie, cookie);
    answer.headers[0] = (struct server_header){"Location", buf_text(&url)};
    answer.headers[1] = (struct server_header){"Set-Cookie", cookie};
    answer.headers[2] = (struct server_header){"Cache-Control", "no-store"};
    answer.headers[3] = (struct server_header){"Referrer-Policy", "no-referrer"};
    server_answer(press->request, &answer);
}

static void tell_started(const struct press *press)
{
    const struct service_notice notice = {.kind = NOTICE_INSTALL,
                                          .wall_ms = clock_wall_ms(),
                                          .text = "install",
                                          .detail = "started",
                                          .state = press->peer};

    if (press->site->notice_fn != NULL)
        press->site->notice_fn(press->site->notice_arg, &notice);
}

static void finish_press(struct errand *errand, const struct err *err)
{
    struct press *press = container_of(errand, struct press, errand);
    const struct enable_story ours = {.fault = ENABLING_FAULT_OURS};

    if (err != NULL) {
        log_line(LOG_WARN, "a press of the button could not be stored",
                 LOG_TEXT("why", err->text));
        enable_page_answer(press->request, &ours);
    } else {
        redirect(press);
        tell_started(press);
    }
    secret_wipe(press->verifier, sizeof(press->verifier));
    secret_wipe(press->cookie, sizeof(press->cookie));
    buf_done(&press->sealed);
    free(press);
}

static void make_texts(struct press *press)
{
    uint8_t random[3][32];

    rand_bytes(random, sizeof(random));
    oauth_random_text(random[0], press->state);
    oauth_random_text(random[1], press->cookie);
    oauth_random_text(random[2], press->verifier);
    secret_wipe(random, sizeof(random));
    enable_hash(press->site, bytes_str(press->state), press->attempt.state_hash);
    enable_hash(press->site, bytes_str(press->cookie), press->attempt.cookie_hash);
}

/* "http://127.0.0.1:8888" although Segment will send the browser to localhost, where it
 * would not have the cookie of 127.0.0.1. */
static bool is_elsewhere(const struct site_call *call, const char *redirect_uri)
{
    static const char local[] = "http://localhost:";
    const struct bytes host = server_header(call->request, "Host");
    const struct bytes uri = bytes_str(redirect_uri);
    struct bytes rest = bytes_slice(uri, sizeof(local) - 1, uri.len);
    struct bytes port = bytes_take_until(&rest, '/');

    return bytes_starts(uri, bytes_str(local)) &&
           bytes_starts(host, BYTES("127.0.0.1:")) &&
           bytes_eq(bytes_slice(host, 10, host.len), port);
}

static void send_there(const struct site_call *call, const char *redirect_uri,
                       const char *subscription)
{
    char url[ENABLE_ADDRESS_BYTES + NAME_BYTES];
    const struct bytes uri = bytes_str(redirect_uri);
    const struct bytes base = bytes_slice(uri, 0, uri.len - (sizeof("/callback") - 1));
    const struct server_answer answer = {
        .status = 302, .headers = {{"Location", url}, {"Cache-Control", "no-store"}}};

    snprintf(url, sizeof(url), "%.*s%s%s", BYTES_FMT(base),
             subscription[0] != '\0' ? "?subscription=" : "", subscription);
    server_answer(call->request, &answer);
}

void enable_press(const struct site_call *call)
{
    const struct config *config = atomic_load(&call->site->snapshot)->config;
    const struct bytes wanted = server_query(call->request, "subscription");
    const struct config_subscription *subscription =
        wanted.len > 0 ? config_by_name(config, wanted) : NULL;
    struct press *press;

    if (!config->app.is_present || !secret_is_set(&config->app.client_id) ||
        (wanted.len > 0 && subscription == NULL)) {
        const struct enable_story story = {
            .kind = wanted.len > 0 && config->app.is_present ? ENABLE_NO_SUBSCRIPTION
                                                             : ENABLE_UNCONFIGURED};

        enable_page_answer(call->request, &story);
        return;
    }
    press = mem_new(struct press);
    press->site = call->site;
    press->request = call->request;
    if (subscription != NULL)
        snprintf(press->subscription, sizeof(press->subscription), "%s",
                 subscription->name);
    enable_redirect_uri(call->site, press->redirect_uri);
    if (is_elsewhere(call, press->redirect_uri)) {
        send_there(call, press->redirect_uri, press->subscription);
        free(press);
        return;
    }
    snprintf(press->peer, sizeof(press->peer), "from %s", server_peer(call->request));
    buf_init(&press->sealed, SEALED_BYTES);
    press->attempt.subscription = bytes_str(press->subscription);
    press->attempt.expires_at_ms = clock_wall_ms() + OAUTH_ATTEMPT_MS;
    make_texts(press);
    press->errand.run_fn = run_press;
    press->errand.finish_fn = finish_press;
    keeper_errand(call->site->keeper, &press->errand);
}
