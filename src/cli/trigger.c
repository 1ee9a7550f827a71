/* SPDX-License-Identifier: MIT */

/* trigger: what Segment would send, and what became of it. */

#include <time.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/secret.h"
#include "base/time_text.h"
#include "cli/api.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "cli/events.h"
#include "cli/fixture.h"
#include "cli/input.h"
#include "cli/trigger_segment.h"
#include "core/delivery.h"
#include "core/suggest.h"
#include "segment/basic.h"
#include "segment/signature.h"
#include "sys/clock.h"
#include "json/json.h"
#include "json/write.h"

enum {
    SECRET_MAX = 65536,
    FIRST_WAIT_MS = 2,
    LAST_WAIT_MS = 200,
    SIGNATURE_HEX = 41,
};

/* One use of the command. */
struct trigger {
    const struct call *call;
    struct api api;
    char url[512];            /* of the subscription, on the public listener */
    struct buf given;         /* a FILE's text; empty: a built-in fixture */
    struct buf authorization; /* Segment always sends one, with an empty key too */
    struct hmac_sha1 *secret; /* NULL: unsigned */
    const char **changes;
    size_t n_changes;
    bool is_via_segment;
    struct trigger_segment segment; /* when it is */
};

/* What became of one event. */
struct ending {
    char id[TRIGGER_EVENT_ID];
    char message_id[TRIGGER_MESSAGE_ID]; /* when it went through the local Segment */
    char type[16];
    char name[128];
    char state[16];
    char why[256];
    int64_t attempts;
    double duration_ms;
};

static int read_credentials(struct trigger *trigger, struct err *err)
{
    const char *key_file = call_given(trigger->call, "key-file");
    const char *secret_file = call_given(trigger->call, "secret-file");
    struct buf value;
    int answer = 0;

    buf_init(&value, SECRET_MAX);
    if (key_file != NULL)
        answer = input_read_secret(key_file, "key-file", &value, err);
    if (answer == 0)
        basic_format(buf_bytes(&value), &trigger->authorization);
    secret_wipe(value.ptr, value.len);
    buf_clear(&value);
    if (answer == 0 && secret_file != NULL) {
        answer = input_read_secret(secret_file, "secret-file", &value, err);
        if (answer == 0)
            trigger->secret = hmac_sha1_new(buf_bytes(&value));
    }
    secret_wipe(value.ptr, value.len);
    buf_done(&value);
    return answer;
}

/* "127.0.0.1" or "[::1]" of "http://127.0.0.1:8890". */
static struct bytes host_of(const char *url)
{
    struct bytes whole = bytes_str(url);
    size_t start = bytes_find(whole, BYTES("://")) + strlen("://");
    struct bytes host = bytes_slice(whole, start, whole.len);
    bool is_ipv6 = bytes_starts(host, BYTES("["));

    if (is_ipv6)
        return bytes_slice(host, 0, bytes_index(host, ']') + 1);
    return bytes_slice(host, 0, strcspn(whole.ptr + start, ":/"));
}

/* Adds the origin of the public listener. Of one that listens everywhere the host is
 * where the admin side was found. */
static void add_origin(const struct api *api, struct bytes address, struct buf *url)
{
    size_t colon = address.len;

    while (colon > 0 && address.ptr[colon - 1] != ':')
        colon--;
    if (bytes_find(address, BYTES("://")) < address.len) {
        buf_add(url, address);
    } else if (bytes_starts(address, BYTES("0.0.0.0:")) ||
               bytes_starts(address, BYTES("[::]:"))) {
        buf_addf(url, "http://%.*s:%.*s", BYTES_FMT(host_of(api->base)),
                 BYTES_FMT(bytes_slice(address, colon, address.len)));
    } else {
        buf_addf(url, "http://%.*s", BYTES_FMT(address));
    }
}

/* Where the subscription takes its events; the configuration may say another path. */
static int add_path(const struct json *status, const char *name, struct buf *url,
                    struct err *err)
{
    const struct json *subscriptions = json_get(status, "subscriptions");

    for (size_t i = 0; i < json_count(subscriptions); i++) {
        const struct json *one = json_at(subscriptions, i);

        if (bytes_eq(json_string(json_get(one, "name")), bytes_str(name))) {
            buf_add(url, json_string(json_get(one, "path")));
            return 0;
        }
    }
    err_code(err, "PA7012", ERR_NOT_FOUND, "there is no subscription `%s`", name);
    for (size_t i = 0; i < json_count(subscriptions); i++)
        err_help(err, "--subscription %.*s",
                 BYTES_FMT(json_string(json_get(json_at(subscriptions, i), "name"))));
    return -1;
}

static int find_url(struct trigger *trigger, struct err *err)
{
    cleanup(json_freep) struct json *status = NULL;
    cleanup(buf_done) struct buf url = {0};
    const char *name = call_text(trigger->call, "subscription");
    struct bytes address;

    buf_init(&url, sizeof(trigger->url) - 1);
    if (api_call(&trigger->api, "GET", "/api/v1/status", BYTES(""), &status, err) < 0)
        return -1;
    address = json_string(json_path(status, "listeners.public"));
    if (address.len == 0)
        return err_set(err, "the service does not say where it listens");
    add_origin(&trigger->api, address, &url);
    if (add_path(status, name, &url, err) < 0)
        return -1;
    if (url.full)
        return err_code(err, "PA7003", ERR_USAGE, "--subscription is too long");
    snprintf(trigger->url, sizeof(trigger->url), "%s", buf_text(&url));
    return 0;
}

static void collect_changes(struct trigger *trigger, struct call *call)
{
    trigger->changes = arena_zero(&call->arena, (call->n_values + 1) * sizeof(char *));
    for (size_t i = 0; i < call->n_values; i++) {
        if (strcmp(call->values[i].flag->name, "set") == 0)
            trigger->changes[trigger->n_changes++] = call->values[i].text;
    }
}

static int no_such_event(const char *what, struct err *err)
{
    static const char *const types[] = {"identify", "track", "page",  "screen",
                                        "group",    "alias", "delete"};
    const char *nearest = suggest_nearest(bytes_str(what), types, COUNT(types));

    if (nearest != NULL)
        err_help(err, "did you mean `%s`?   partnerapp trigger %s", nearest, nearest);
    return err_help(err, "types: identify track page screen group alias delete");
}

static int trigger_open(struct trigger *trigger, struct call *call, struct err *err)
{
    const char *what = call_arg(call, 0);

    *trigger = (struct trigger){.call = call};
    buf_init(&trigger->given, FIXTURE_MAX);
    buf_init(&trigger->authorization, SECRET_MAX * 2);
    collect_changes(trigger, call);
    if (!fixture_is_type(bytes_str(what)) && input_read(what, &trigger->given, err) < 0)
        return no_such_event(what, err);
    trigger->is_via_segment = strcmp(call_text(call, "via"), "emulator") == 0;
    if (api_open(&trigger->api, call, err) < 0)
        return -1;
    if (trigger->is_via_segment)
        return trigger_segment_open(&trigger->segment, call, err);
    if (read_credentials(trigger, err) < 0)
        return -1;
    return find_url(trigger, err);
}

static void trigger_done(struct trigger *trigger)
{
    secret_wipe(trigger->authorization.ptr, trigger->authorization.len);
    buf_done(&trigger->authorization);
    buf_done(&trigger->given);
    hmac_sha1_free(trigger->secret);
}

static int make_event(const struct trigger *trigger, struct buf *event, struct err *err)
{
    const char *what = call_arg(trigger->call, 0);

    if (!fixture_is_type(bytes_str(what)))
        return fixture_from(buf_bytes(&trigger->given), trigger->changes,
                            trigger->n_changes, event, err) == 0
                   ? 0
                   : err_wrap(err, "%s", what);
    return fixture_make(bytes_str(what), trigger->changes, trigger->n_changes, event,
                        err);
}

/* The dossier's §3.1, header by header. */
static int post(const struct trigger *trigger, struct bytes event,
                struct api_answer *ret_answer, struct err *err)
{
    char signature[SIGNATURE_HEX] = "";
    struct api_header headers[] = {
        {"Accept", "*/*"},
        {"Authorization", buf_text(&trigger->authorization)},
        {"Cache-Control", "no-cache"},
        {"User-Agent", "Segment.io/1.0"},
        {"X-Signature", signature},
    };
    struct api_request request = {
        .method = "POST",
        .url = trigger->url,
        .body = event,
        .headers = headers,
        .n_headers = COUNT(headers) - (trigger->secret == NULL ? 1 : 0),
    };

    if (trigger->secret != NULL && !signature_sign(event, trigger->secret, signature))
        return err_set(err, "this event cannot be signed");
    return api_send(&request, ret_answer, err);
}

static int refused(int status, struct bytes message, struct err *err)
{
    static const struct {
        int status;
        const char *code;
        enum err_exit exit_code;
        const char *help;
    } rows[] = {
        {401, "PA3001", ERR_AUTH,
         "partnerapp keys create --name NAME, then --key-file FILE"},
        {403, "PA3001", ERR_AUTH,
         "the key is for other subscriptions: partnerapp keys list"},
        {404, "PA7005", ERR_NOT_FOUND, "partnerapp config show names the subscriptions"},
        {429, "PA7028", ERR_TRY_LATER, "try again in a moment"},
        {503, "PA7028", ERR_TRY_LATER, "partnerapp status says what it waits for"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        if (rows[i].status == status) {
            err_code(err, rows[i].code, rows[i].exit_code,
                     "the service answered %d: %.*s", status, BYTES_FMT(message));
            return err_help(err, "%s", rows[i].help);
        }
    }
    return err_code(err, "PA7025", ERR_FAILED, "the service answered %d: %.*s", status,
                    BYTES_FMT(message));
}

static void remember_event(struct bytes event, struct ending *ending)
{
    cleanup(json_freep) struct json *json = NULL;
    struct bytes name;

    if (json_parse(event, &json, NULL) < 0)
        return;
    name = json_string(json_get(json, "event"));
    if (name.len == 0)
        name = json_string(json_get(json, "name"));
    snprintf(ending->type, sizeof(ending->type), "%.*s",
             BYTES_FMT(json_string(json_get(json, "type"))));
    snprintf(ending->name, sizeof(ending->name), "%.*s", BYTES_FMT(name));
}

/* To the service itself, which answers with the event's id. */
static int send_direct(const struct trigger *trigger, struct bytes event,
                       struct ending *ending, struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;
    struct api_answer answer = {0};
    struct bytes id;
    int result = post(trigger, event, &answer, err);

    if (result == 0 && answer.body.len > 0 && json_parse(answer.body, &json, err) < 0)
        result = -1;
    if (result == 0 && answer.status >= 300)
        result = refused(answer.status, json_string(json_get(json, "message")), err);
    id = json_string(json_at(json_get(json, "ids"), 0));
    if (result == 0 && id.len == 0)
        result = err_set(err, "the service accepted the event but gave it no id");
    snprintf(ending->id, sizeof(ending->id), "%.*s", BYTES_FMT(id));
    api_answer_done(&answer);
    return result;
}

static int send_one(const struct trigger *trigger, struct ending *ending, struct err *err)
{
    cleanup(buf_done) struct buf event = {0};

    buf_init(&event, FIXTURE_MAX);
    if (make_event(trigger, &event, err) < 0)
        return -1;
    remember_event(buf_bytes(&event), ending);
    if (trigger->is_via_segment)
        return trigger_segment_send(&trigger->segment, buf_bytes(&event),
                                    ending->message_id, err);
    return send_direct(trigger, buf_bytes(&event), ending, err);
}

static void pause_us(int64_t duration_us)
{
    struct timespec pause = {.tv_sec = duration_us / 1000000,
                             .tv_nsec = duration_us % 1000000 * 1000};

    if (duration_us > 0)
        nanosleep(&pause, NULL);
}

/* From its arrival to the end of its last attempt, by the service's own clock. */
static double span_ms(const struct json *event, const struct json *attempt)
{
    int64_t began_ms;
    int64_t at_ms;
    double duration_ms = json_double(json_get(attempt, "duration_ms"));

    if (!time_text_parse(json_string(json_get(event, "received_at")), &began_ms) ||
        !time_text_parse(json_string(json_get(attempt, "at")), &at_ms) ||
        at_ms < began_ms)
        return duration_ms;
    /* Back to whole microseconds: sums of doubles show their last digits. */
    return (double)((at_ms - began_ms) * 1000 + (int64_t)(duration_ms * 1000 + 0.5)) /
           1000.0;
}

/* Asks once; true when the delivery has ended. */
static bool has_ended(const struct json *event, struct ending *ending)
{
    const struct json *delivery = events_last_delivery(event);
    struct bytes state = json_string(json_get(delivery, "state"));
    struct buf why;

    snprintf(ending->state, sizeof(ending->state), "%.*s", BYTES_FMT(state));
    ending->attempts = events_n_attempts(delivery);
    ending->duration_ms = span_ms(event, events_last_attempt(delivery));
    buf_init(&why, sizeof(ending->why) * 4);
    events_add_answer(delivery, &why);
    snprintf(ending->why, sizeof(ending->why), "%.*s",
             BYTES_FMT(print_cut(buf_bytes(&why), sizeof(ending->why) / 4)));
    buf_done(&why);
    return delivery_is_terminal(delivery_state_parse(state));
}

/* Ever longer pauses; false when the time is over. */
static bool wait_more(int64_t *wait_ms, int64_t deadline_ms)
{
    if (clock_now_ms() >= deadline_ms)
        return false;
    pause_us(*wait_ms * 1000);
    *wait_ms = *wait_ms * 2 > LAST_WAIT_MS ? LAST_WAIT_MS : *wait_ms * 2;
    return true;
}

/* The first hop of an event that went through the local Segment: it arrives. */
static int wait_for_arrival(const struct trigger *trigger, struct ending *ending,
                            int64_t deadline_ms, struct err *err)
{
    int64_t wait_ms = FIRST_WAIT_MS;
    int answer;

    do
        answer = trigger_segment_find(&trigger->segment, &trigger->api,
                                      ending->message_id, ending->id, err);
    while (answer == TRIGGER_NOT_YET && wait_more(&wait_ms, deadline_ms));
    if (answer != TRIGGER_NOT_YET)
        return answer;
    err_code(err, "PA8014", ERR_TIMEOUT,
             "the local Segment has the event and has not delivered it yet");
    return err_help(err, "see its attempts: %s/_emulator/deliveries",
                    trigger->segment.link.base);
}

static int wait_for_end(const struct trigger *trigger, struct ending *ending,
                        int64_t deadline_ms, struct err *err)
{
    char path[96];
    int64_t wait_ms = FIRST_WAIT_MS;

    if (trigger->is_via_segment &&
        wait_for_arrival(trigger, ending, deadline_ms, err) < 0)
        return -1;
    snprintf(path, sizeof(path), "/api/v1/events/%s", ending->id);
    for (;;) {
        cleanup(json_freep) struct json *event = NULL;

        if (api_call(&trigger->api, "GET", path, BYTES(""), &event, err) < 0)
            return -1;
        if (has_ended(event, ending) || !wait_more(&wait_ms, deadline_ms))
            return 0;
    }
}

static void print_json(const struct call *call, const struct ending *ending)
{
    struct buf json;
    struct write write;

    buf_init(&json, SECRET_MAX);
    write_init(&write, &json);
    write_object(&write);
    write_member_text(&write, "id", ending->id);
    if (ending->message_id[0] != '\0')
        write_member_text(&write, "message_id", ending->message_id);
    write_member_text(&write, "state", ending->state);
    write_member_i64(&write, "attempts", ending->attempts);
    write_key(&write, "duration_ms");
    write_double(&write, ending->duration_ms);
    write_object_end(&write);
    print_record(&call->out, buf_bytes(&json));
    buf_done(&json);
}

static void print_human(const struct call *call, const struct ending *ending)
{
    struct buf text;

    buf_init(&text, SECRET_MAX);
    buf_addf(&text, "Sent %s", ending->type);
    if (ending->name[0] != '\0') {
        buf_add_text(&text, " \"");
        print_clean(bytes_str(ending->name), &text);
        buf_add_char(&text, '"');
    }
    if (ending->message_id[0] != '\0') {
        buf_add_text(&text, " to website of the local Segment (");
        print_clean(bytes_str(ending->message_id), &text);
        buf_add_text(&text, "), which sent it on\nReceived");
    }
    buf_addf(&text, " (%s): ", ending->id);
    if (strcmp(ending->state, "delivered") == 0) {
        buf_add_text(&text, "delivered in ");
        print_duration((int64_t)(ending->duration_ms * 1000), &text);
    } else {
        buf_addf(&text, "%s after %lld attempt%s%s%s", ending->state,
                 (long long)ending->attempts, ending->attempts == 1 ? "" : "s",
                 ending->why[0] != '\0' ? ": " : "", ending->why);
    }
    print_text(&call->out, "%s\n", buf_text(&text));
    buf_done(&text);
}

/* 0 delivered; 1 it ended otherwise; 8 it has not ended yet. */
static int exit_code_of(const struct ending *ending)
{
    enum delivery_state state = delivery_state_parse(bytes_str(ending->state));

    if (state == DELIVERY_DELIVERED)
        return 0;
    return delivery_is_terminal(state) ? (int)ERR_FAILED : (int)ERR_TIMEOUT;
}

static int send_all(const struct trigger *trigger, struct ending *endings, size_t n,
                    struct err *err)
{
    double rate = call_rate(trigger->call, "rate");
    int64_t began_us = clock_now_us();

    for (size_t i = 0; i < n; i++) {
        /* Open loop: when the i-th should go does not depend on how long others took. */
        if (rate > 0)
            pause_us(began_us + (int64_t)((double)i * 1e6 / rate) - clock_now_us());
        if (send_one(trigger, &endings[i], err) < 0)
            return -1;
    }
    return 0;
}

static int await_all(const struct trigger *trigger, struct ending *endings, size_t n,
                     struct err *err)
{
    int64_t deadline_ms = clock_now_ms() + call_duration_ms(trigger->call, "timeout");
    int worst = 0;

    for (size_t i = 0; i < n; i++) {
        int exit_code;

        if (wait_for_end(trigger, &endings[i], deadline_ms, err) < 0)
            return -1;
        exit_code = exit_code_of(&endings[i]);
        worst = exit_code > worst ? exit_code : worst;
        if (trigger->call->wants_json)
            print_json(trigger->call, &endings[i]);
        else
            print_human(trigger->call, &endings[i]);
    }
    if (worst != 0 && n == 1)
        call_hint(trigger->call, "See it: partnerapp events get %s", endings[0].id);
    return worst;
}

int trigger_run(struct call *call, struct err *err)
{
    enum { MOST = 1000000 };
    int64_t count = call_number(call, "count");
    struct trigger trigger;
    struct ending *endings;
    int answer;

    if (count < 1 || count > MOST)
        return err_code(err, "PA7003", ERR_USAGE, "--count is 1 to %d", MOST);
    endings = arena_zero(&call->arena, (size_t)count * sizeof(*endings));
    answer = trigger_open(&trigger, call, err);
    if (answer == 0)
        answer = send_all(&trigger, endings, (size_t)count, err);
    if (answer == 0)
        answer = await_all(&trigger, endings, (size_t)count, err);
    trigger_done(&trigger);
    return answer;
}
