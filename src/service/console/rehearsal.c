/* SPDX-License-Identifier: MIT */

#include "service/console/rehearsal.h"

#include <stdio.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/secret.h"
#include "core/redact.h"
#include "core/request.h"
#include "service/console/workshop.h"
#include "service/courier_state.h"
#include "service/desk.h"
#include "service/dialect.h"
#include "service/errand.h"
#include "service/keeper.h"
#include "service/keyring.h"
#include "service/load.h"
#include "service/site.h"
#include "store/reader.h"
#include "trial/fn_code.h"
#include "trial/fn_event.h"
#include "trial/fn_mock.h"
#include "trial/fn_play.h"
#include "json/json.h"
#include "json/write.h"

enum { SHOWN_BYTES = 1 << 20, INPUT_BYTES = 4 << 20, WHY_BYTES = 640 };

struct rehearsal {
    struct rehearsal_wish wish;
    struct errand errand;
    struct order order;
    struct desk_job job;
    struct workshop_job run_job;
    struct load load; /* of the one event */
    struct parcel *parcel;
    /* What courier says. */
    const struct config_subscription *config; /* its snapshot stays */
    const struct config *whole;
    enum pool_entry entry;
    int64_t version;
    struct secret settings;
    struct secret api_key, configured; /* the mask borrows them */
    struct redact redact;
    struct buf source;
    char why[WHY_BYTES]; /* it is not run; empty: it is */
};

/* --- the end ---------------------------------------------------------------------------
 */

static void rehearsal_free(struct rehearsal *rehearsal)
{
    redact_done(&rehearsal->redact);
    secret_done(&rehearsal->settings);
    secret_done(&rehearsal->api_key);
    secret_done(&rehearsal->configured);
    parcel_free(rehearsal->parcel);
    buf_done(&rehearsal->source);
    free(rehearsal);
}

static void write_about(const struct rehearsal *rehearsal, struct write *json)
{
    const struct parcel *parcel = rehearsal->parcel;
    char id[32];

    if (parcel != NULL)
        site_event_id(parcel->row, parcel->received_at_ms, id);
    write_member_text(json, "event", parcel != NULL ? id : NULL);
    if (parcel != NULL && parcel->head.name.len > 0)
        write_member_string(json, "name", parcel->head.name);
    else
        write_member_text(json, "name", NULL);
    write_member_text(json, "subscription",
                      rehearsal->config != NULL ? rehearsal->config->name : NULL);
}

/* @run is empty when it was not run. */
static void finish(struct rehearsal *rehearsal, struct bytes run)
{
    cleanup(buf_done) struct buf text = {0};
    struct write json;

    buf_init(&text, SHOWN_BYTES * 2);
    write_init(&json, &text);
    write_object(&json);
    write_about(rehearsal, &json);
    write_member_raw(&json, "run", run);
    write_member_text(&json, "why", run.len > 0 ? NULL : rehearsal->why);
    write_object_end(&json);
    rehearsal->wish.done_fn(rehearsal->wish.arg, buf_bytes(&text));
    rehearsal_free(rehearsal);
}

static void give_up(struct rehearsal *rehearsal, const char *why)
{
    snprintf(rehearsal->why, sizeof(rehearsal->why), "%s", why);
    finish(rehearsal, bytes_of(NULL, 0));
}

/* --- what is shown ---------------------------------------------------------------------
 */

static void write_value(struct write *json, const char *key, const struct json *value)
{
    cleanup(buf_done) struct buf text = {0};

    buf_init(&text, SHOWN_BYTES);
    json_print(value, /* indented= */ false, &text);
    write_key_string(json, bytes_str(key));
    write_raw(json, buf_bytes(&text));
}

static void write_headers(struct write *json, const struct json *headers)
{
    const struct json *value;
    const char *name;
    void *cursor = NULL;

    write_key(json, "headers");
    write_object(json);
    while (json_next(headers, &cursor, &name, &value)) {
        if (redact_is_secret_header(bytes_str(name))) {
            write_key_string(json, bytes_str(name));
            write_text(json, "••••");
        } else {
            write_value(json, name, value);
        }
    }
    write_object_end(json);
}

static void write_request(struct write *json, const struct json *request)
{
    const struct json *value;
    const char *name;
    void *cursor = NULL;

    write_object(json);
    while (json_next(request, &cursor, &name, &value)) {
        if (strcmp(name, "headers") == 0)
            write_headers(json, value);
        else
            write_value(json, name, value);
    }
    write_object_end(json);
}

static void write_run(struct write *json, const struct json *run)
{
    const struct json *value;
    const char *name;
    void *cursor = NULL;

    write_object(json);
    while (json_next(run, &cursor, &name, &value)) {
        if (strcmp(name, "requests") != 0) {
            write_value(json, name, value);
            continue;
        }
        write_key(json, name);
        write_array(json);
        for (size_t i = 0; i < json_count(value); i++)
            write_request(json, json_at(value, i));
        write_array_end(json);
    }
    write_object_end(json);
}

/* Headers by their names, then every secret wherever the code has put it. */
static bool mask(const struct rehearsal *rehearsal, struct bytes run,
                 struct buf *ret_masked)
{
    cleanup(json_freep) struct json *shown = NULL;
    cleanup(buf_done) struct buf text = {0};
    struct write json;
    bool is_whole;

    buf_init(&text, SHOWN_BYTES);
    write_init(&json, &text);
    if (json_parse(run, &shown, NULL) < 0)
        return false;
    write_run(&json, shown);
    is_whole =
        !text.full && redact_text(&rehearsal->redact, buf_bytes(&text), ret_masked) == 0;
    secret_wipe(text.ptr, text.len);
    return is_whole;
}

static void show(struct rehearsal *rehearsal, const struct fn_play *play)
{
    cleanup(buf_done) struct buf run = {0};
    cleanup(buf_done) struct buf masked = {0};
    struct write json;

    buf_init(&run, SHOWN_BYTES);
    buf_init(&masked, SHOWN_BYTES);
    write_init(&json, &run);
    write_object(&json);
    fn_play_write(play, &json);
    write_object_end(&json);
    if (!run.full && mask(rehearsal, buf_bytes(&run), &masked))
        finish(rehearsal, buf_bytes(&masked));
    else
        give_up(rehearsal, "what it does is too much to be shown");
    secret_wipe(run.ptr, run.len);
}

/* --- the run ---------------------------------------------------------------------------
 */

static int make_event(const struct rehearsal *rehearsal, struct fn_event *event,
                      const struct fn_settings *settings, struct err *err)
{
    const struct parcel *parcel = rehearsal->parcel;
    cleanup(json_freep) struct json *given = NULL;
    cleanup(buf_done) struct buf text = {0};

    *event = (struct fn_event){0};
    buf_init(&text, INPUT_BYTES);
    if (rehearsal->entry == POOL_EVENT)
        return fn_event_split(event, parcel->payload, "the event", settings, err);
    if (rehearsal->entry == POOL_REQUEST)
        request_open(parcel->payload, parcel->settings, &text);
    else
        buf_addf(&text, "[%.*s]", BYTES_FMT(parcel->payload));
    if (json_parse(buf_bytes(&text), &given, err) < 0)
        return -1;
    secret_wipe(text.ptr, text.len);
    return fn_event_make(event, rehearsal->entry, given, NULL, settings, err);
}

static int play(struct rehearsal *rehearsal, struct fn_code *code, struct err *err)
{
    struct fn_settings settings = {.is_unsent = true};
    struct fn_mocks mocks = {0};
    struct fn_event event = {0};
    struct fn_play played = {0};
    const struct fn_play_wish how = {.mocks = {&mocks}};
    int result =
        json_parse(secret_bytes(&rehearsal->settings), &settings.configured, err);

    if (result == 0)
        result = fn_mocks_read(
            &mocks, arena_printf(&code->arena, "%s/mocks", fn_code_folder(code)), err);
    if (result == 0)
        result = make_event(rehearsal, &event, &settings, err);
    if (result == 0) {
        result = fn_play(&played, code, &event, &how, err);
        if (result == 0)
            show(rehearsal, &played);
        fn_play_done(&played);
    }
    fn_event_done(&event);
    fn_mocks_done(&mocks);
    fn_settings_done(&settings);
    return result;
}

static void run_rehearsal(struct workshop *workshop, struct workshop_job *job)
{
    struct rehearsal *rehearsal = container_of(job, struct rehearsal, run_job);
    const struct config_subscription *config = rehearsal->config;
    struct fn_code_wish wish = {
        .given = config->function,
        .generation = dialect_generation(config),
        .allow_eval = dialect_eval(config),
        .timeout_ms = config->function_timeout_ms,
        .slice_ms = config->slice_ms,
    };
    struct fn_code code;
    struct err err = {0};

    if (workshop_is_stopping(workshop)) {
        give_up(rehearsal, "the service is stopping");
        return;
    }
    workshop_runners(workshop, rehearsal->whole, &wish.runners);
    fn_code_open(&code, &wish);
    buf_add(&code.source, buf_bytes(&rehearsal->source));
    fn_code_strip(&code);
    if (fn_code_load(&code, &err) < 0 || play(rehearsal, &code, &err) < 0)
        give_up(rehearsal, err.text);
    fn_code_close(&code);
}

/* --- the way there ---------------------------------------------------------------------
 */

static void run_source(struct reader *reader, struct desk_job *job)
{
    struct rehearsal *rehearsal = container_of(job, struct rehearsal, job);
    struct err err = {0};
    int found = reader_version_source(reader, bytes_str(rehearsal->config->function),
                                      rehearsal->version, &rehearsal->source, &err);

    if (found <= 0) {
        give_up(rehearsal, found < 0 ? err.text : "its function's code is not stored");
        return;
    }
    rehearsal->run_job.run_fn = run_rehearsal;
    if (!workshop_ask(rehearsal->wish.site->workshop, &rehearsal->run_job))
        give_up(rehearsal, "too much is tried at once");
}

static const struct line *find_line(const struct courier *courier, uint16_t number)
{
    for (struct list_link *link = courier->lines.first; link != NULL; link = link->next) {
        const struct line *line = list_entry(link, struct line, link);

        if (line->number == number)
            return line;
    }
    return NULL;
}

static const char *why_not(const struct line *line)
{
    if (line == NULL || line->config == NULL)
        return "its subscription is not configured any more";
    if (line->function.path == NULL)
        return "no function runs: the event is sent as it came";
    return line->function.current == NULL ? "its function does not load" : NULL;
}

/* An address is no secret, unless it has one inside; where a request goes must be seen.
 */
static bool is_plain_url(struct bytes text)
{
    return (bytes_starts(text, BYTES("https://")) ||
            bytes_starts(text, BYTES("http://"))) &&
           bytes_index(text, '@') == text.len && bytes_index(text, '?') == text.len;
}

/* The subscription's own settings may be secrets as well as those of its customers. */
static void mask_configured(struct rehearsal *rehearsal)
{
    cleanup(json_freep) struct json *settings = NULL;
    cleanup(json_freep) struct json *secrets = json_object();
    cleanup(buf_done) struct buf text = {0};
    const struct json *value;
    const char *name;
    void *cursor = NULL;

    if (rehearsal->config->settings_json == NULL ||
        json_parse(bytes_str(rehearsal->config->settings_json), &settings, NULL) < 0)
        return;
    while (json_next(settings, &cursor, &name, &value)) {
        if (!is_plain_url(json_string(value)))
            json_set(secrets, name, value);
    }
    buf_init(&text, INPUT_BYTES);
    json_print(secrets, /* indented= */ false, &text);
    secret_set(&rehearsal->configured, buf_bytes(&text));
    secret_wipe(text.ptr, text.len);
    redact_add_settings(&rehearsal->redact, secret_bytes(&rehearsal->configured));
}

static void take_credentials(struct rehearsal *rehearsal, struct courier *courier)
{
    const struct config_subscription *config = rehearsal->config;
    const struct parcel *parcel = rehearsal->parcel;
    struct credentials *credentials =
        credentials_get(courier->credentials, config, parcel);

    secret_set(&rehearsal->settings, credentials->settings);
    credentials_release(credentials);
    if (parcel->key != 0)
        keyring_key_text(rehearsal->wish.site->keyring, parcel->key, &rehearsal->api_key);
    if (secret_is_set(&rehearsal->api_key))
        redact_add(&rehearsal->redact, secret_bytes(&rehearsal->api_key));
    if (secret_is_set(&config->write_key))
        redact_add(&rehearsal->redact, secret_bytes(&config->write_key));
    redact_add_settings(&rehearsal->redact, parcel->settings);
    mask_configured(rehearsal);
}

static void run_find_code(struct courier *courier, struct order *order)
{
    struct rehearsal *rehearsal = container_of(order, struct rehearsal, order);
    const struct line *line = find_line(courier, rehearsal->wish.subscription);
    const char *why = why_not(line);

    if (line != NULL)
        rehearsal->config = line->config;
    if (why != NULL) {
        give_up(rehearsal, why);
        return;
    }
    rehearsal->whole = courier->snapshot->config;
    rehearsal->version = line->function.version;
    rehearsal->entry = line->config->kind == CONFIG_SOURCE ? POOL_REQUEST
                       : line->function.has_batch          ? POOL_BATCH
                                                           : POOL_EVENT;
    take_credentials(rehearsal, courier);
    rehearsal->job.run_fn = run_source;
    if (!desk_ask(rehearsal->wish.site->desk, &rehearsal->job))
        give_up(rehearsal, "too many questions at once");
}

static int run_load(struct errand *errand, struct store *store, struct err *err)
{
    struct rehearsal *rehearsal = container_of(errand, struct rehearsal, errand);
    struct loader loader;

    (void)err;
    loader_init(&loader, store, rehearsal->wish.site->vault);
    parcel_free(take(rehearsal->load.items[0].parcel)); /* of a try that was undone */
    loader_read(&loader, &rehearsal->load);
    loader_done(&loader);
    return 0;
}

static void finish_load(struct errand *errand, const struct err *err)
{
    struct rehearsal *rehearsal = container_of(errand, struct rehearsal, errand);

    rehearsal->parcel = take(rehearsal->load.items[0].parcel);
    if (err != NULL || rehearsal->parcel == NULL) {
        give_up(rehearsal, err != NULL ? err->text : "the event is not stored any more");
        return;
    }
    rehearsal->order.run_fn = run_find_code;
    courier_order(rehearsal->wish.site->courier, &rehearsal->order);
}

void rehearsal_start(const struct rehearsal_wish *wish)
{
    struct rehearsal *rehearsal = mem_new(struct rehearsal);

    rehearsal->wish = *wish;
    rehearsal->load.items[0].event = wish->event;
    rehearsal->load.n_items = 1;
    buf_init(&rehearsal->source, INPUT_BYTES);
    rehearsal->errand.run_fn = run_load;
    rehearsal->errand.finish_fn = finish_load;
    keeper_errand(wish->site->keeper, &rehearsal->errand);
}
