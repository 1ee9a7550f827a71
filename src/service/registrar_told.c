/* SPDX-License-Identifier: MIT */

/* What was said between us and Segment in one job, kept with the install. */

#include <stdio.h>

#include "base/err.h"
#include "core/redact.h"
#include "service/console/steps.h"
#include "service/errand.h"
#include "service/keyring.h"
#include "service/registrar_state.h"
#include "store/install_steps.h"
#include "sys/clock.h"
#include "sys/log.h"

enum { SUMMARY_BYTES = 4096, QUERY_BYTES = 4096, URL_BYTES = 1024 };

static const struct {
    const char *name, *fine;
} sentences[] = {
    {"exchange", "the code became a token, which is stored sealed"},
    {"refresh", "a new token: the old one is worth nothing now"},
    {"destination", "the destination was made, enabled and with its settings"},
    {"settings", "the destination has our settings and is enabled"},
    {"sync", "the destination as it is now"},
};

static const char *sentence_of(const char *name)
{
    for (size_t i = 0; i < COUNT(sentences); i++) {
        if (strcmp(sentences[i].name, name) == 0)
            return sentences[i].fine;
    }
    return "";
}

/* Whatever Segment quotes of what it was sent. */
static void add_secrets(const struct run *run, const struct told_call *call,
                        const struct secret *key, struct redact *redact)
{
    const struct config *config = run->snapshot->config;
    struct bytes credential = call->authorization;

    (void)bytes_take_until(&credential, ' ');
    redact_add(redact, credential);
    redact_add(redact, secret_bytes(&run->token));
    redact_add(redact, secret_bytes(key));
    redact_add(redact, secret_bytes(&config->app.client_secret));
    for (size_t i = 0; i < COUNT(run->saying_secrets); i++)
        redact_add(redact, run->saying_secrets[i]);
}

void told_call(struct run *run, const struct told_call *call)
{
    const struct segment_answer *answer = call->answer;
    const bool is_ok = answer->status / 100 == 2;
    struct redact redact = {0};
    cleanup(secret_done) struct secret key = {0};
    cleanup(buf_done) struct buf summary = {0};

    if (run->install.key != 0)
        keyring_key_text(run->registrar->options.keyring, run->install.key, &key);
    add_secrets(run, call, &key, &redact);
    buf_init(&summary, SUMMARY_BYTES);
    if (is_ok)
        buf_add_text(&summary, sentence_of(run->saying));
    else if (redact_text(&redact, bytes_str(answer->why), &summary) != 0)
        buf_clear(&summary);
    const struct step step = {
        .name = run->saying,
        .summary = buf_text(&summary),
        .at_ms = call->at_ms,
        .duration_us = clock_now_us() - call->began_us,
        .is_ok = is_ok,
        .method = call->method,
        .url = call->url,
        .body = call->body,
        .has_form = call->has_form,
        .status = answer->status,
        .answer = buf_bytes(&answer->body),
        .redact = &redact,
    };
    steps_add(&run->steps, &step);
    redact_done(&redact);
}

/* Where the browser was sent, without what made it this one's. */
static void tell_press(struct run *run)
{
    const struct config *config = run->snapshot->config;
    const struct oauth_request request = {
        .id_url = bytes_str(config->segment.id_url),
        .client_id = secret_bytes(&config->app.client_id),
        .redirect_uri = bytes_str(run->job->redirect_uri),
        .scope = bytes_str(config->app.scope),
        .state = BYTES("state"),
        .verifier = BYTES("verifier-of-nothing-at-all-that-is-long-enough"),
    };
    struct redact redact = {0};
    cleanup(buf_done) struct buf url = {0};
    struct step step = {
        .name = "press",
        .summary = "the button was pressed, and the browser sent to Segment",
        .at_ms = run->job->pressed_at_ms,
        .duration_us = -1,
        .is_ok = true,
        .method = "GET",
        .status = 302,
        .redact = &redact,
    };

    buf_init(&url, QUERY_BYTES);
    (void)oauth_authorize_url(&request, &url);
    step.query = buf_bytes(&url);
    step.url = bytes_take_until(&step.query, '?');
    steps_add(&run->steps, &step);
}

void told_visit(struct run *run)
{
    struct redact redact = {0};

    if (run->job->pressed_at_ms == 0)
        return;
    tell_press(run);
    steps_add(&run->steps, &(struct step){.name = "callback",
                                          .summary = "the browser came back with a code",
                                          .at_ms = run->job->called_at_ms,
                                          .duration_us = -1,
                                          .is_ok = true,
                                          .method = "GET",
                                          .url = bytes_str(run->job->redirect_uri),
                                          .query = BYTES("code=x&state=x"),
                                          .redact = &redact});
}

void told_deed(struct run *run, const char *name, const char *summary)
{
    steps_add(&run->steps, &(struct step){.name = name,
                                          .summary = summary,
                                          .at_ms = clock_wall_ms(),
                                          .duration_us = -1,
                                          .is_ok = true});
}

static int write_steps(void *arg, struct store *store, struct err *err)
{
    const struct run *run = arg;

    return store_add_install_steps(store, run->install.number, buf_bytes(&run->steps),
                                   err);
}

void told_keep(struct run *run)
{
    struct err err = {0};

    if (run->steps.len > 0 && run->install.number > 0 && run->install.row != 0 &&
        run->job->kind != JOB_FORGET &&
        errand_do(run->registrar->keeper, write_steps, run, &err) < 0)
        log_line(LOG_WARN, "what was said to Segment is not kept",
                 LOG_I64("install", run->install.number), LOG_TEXT("why", err.text));
    buf_done(&run->steps);
}
