/* SPDX-License-Identifier: MIT */

#include "service/receive.h"

#include <stdio.h>

#include "base/mem.h"
#include "net/server.h"
#include "segment/basic.h"
#include "segment/settings.h"
#include "segment/signature.h"
#include "service/keeper.h"
#include "service/posted.h"
#include "service/receipt.h"
#include "sys/clock.h"
#include "json/scan.h"
#include "json/write.h"

enum {
    CREDENTIAL_BYTES = 8192,
    SETTINGS_BYTES = 48 << 10,
    MAX_EVENTS = 10000, /* of one request; Segment sends at most 2,500 */
    FIRST_ITEMS = 32,
    ANSWER_BYTES = 2 << 20,
};

/* What the head of a request has shown. */
struct admission {
    const struct snapshot *snapshot;
    const struct snapshot_subscription *subscription;
    int64_t key;
    char owner[96]; /* see name_owner */
    struct buf settings;
};

static void admission_free(void *pointer)
{
    struct admission *admission = pointer;

    secret_wipe(admission->settings.ptr, admission->settings.len);
    buf_done(&admission->settings);
    free(admission);
}

static void refuse(struct receive *receive, struct server_request *request, int status,
                   enum tally_refusal refusal, const char *message)
{
    cleanup(buf_done) struct buf body = {0};
    struct write json;
    struct server_answer answer = {.status = status, .content_type = "application/json"};

    tally_refuse(receive->tally, refusal);
    if (status == 401)
        answer.headers[0] =
            (struct server_header){"WWW-Authenticate", "Basic realm=\"segment\""};
    else if (status == 405)
        answer.headers[0] = (struct server_header){"Allow", "POST"};
    else if (status == 503)
        answer.headers[0] = (struct server_header){"Retry-After", "1"};
    buf_init(&body, 4096);
    write_init(&json, &body);
    write_object(&json);
    write_member_text(&json, "message", message);
    write_object_end(&json);
    answer.body = buf_bytes(&body);
    server_answer(request, &answer);
}

/* --- the head ----------------------------------------------------------------------- */

static enum keyring_verdict find_key(struct receive *receive,
                                     const struct config_subscription *config,
                                     struct bytes header, int64_t *ret_key)
{
    cleanup(buf_done) struct buf scratch = {0};
    enum keyring_verdict verdict = KEYRING_UNKNOWN;
    struct bytes key;
    struct bytes raw = {0};

    buf_init(&scratch, CREDENTIAL_BYTES);
    if (basic_parse(header, config->lenient_key, &scratch, &key, &raw) != BASIC_KEY)
        return KEYRING_UNKNOWN;
    verdict = keyring_find(receive->keyring, key, bytes_str(config->name), ret_key);
    if (verdict == KEYRING_UNKNOWN && raw.len > 0)
        verdict = keyring_find(receive->keyring, raw, bytes_str(config->name), ret_key);
    secret_wipe(scratch.ptr, scratch.len);
    return verdict;
}

/* False: answered. */
static bool check_key(struct receive *receive, struct server_request *request,
                      struct admission *admission)
{
    const struct config_subscription *config = admission->subscription->config;
    enum keyring_verdict verdict = KEYRING_UNKNOWN;

    if (config->auth == CONFIG_AUTH_SIGNATURE)
        return true;
    if (server_n_headers(request, "Authorization") == 1)
        verdict = find_key(receive, config, server_header(request, "Authorization"),
                           &admission->key);
    if (config->auth == CONFIG_AUTH_NONE) {
        /* Nobody has to show one; a good one says whose event it is. */
        if (verdict != KEYRING_VALID)
            admission->key = 0;
        return true;
    }
    if (verdict == KEYRING_VALID)
        return true;
    if (verdict == KEYRING_FORBIDDEN)
        refuse(receive, request, 403, REFUSED_AUTH, "API key is not permitted");
    else
        refuse(receive, request, 401, REFUSED_AUTH, "API key is missing or invalid");
    return false;
}

static bool is_json_type(struct bytes type)
{
    struct bytes media = bytes_trim(bytes_take_until(&type, ';'));

    if (bytes_eq_nocase(media, BYTES("application/json")) ||
        bytes_eq_nocase(media, BYTES("text/json")))
        return true;
    return media.len > 5 &&
           bytes_eq_nocase(bytes_slice(media, media.len - 5, 5), BYTES("+json"));
}

static bool check_length(struct receive *receive, struct server_request *request)
{
    if (server_content_length(request) >= 0)
        return true;
    refuse(receive, request, 411, REFUSED_REQUEST, "Length required");
    return false;
}

static bool check_type(struct receive *receive, struct server_request *request)
{
    struct bytes type = server_header(request, "Content-Type");
    struct bytes coding = server_header(request, "Content-Encoding");

    if (coding.ptr != NULL && !bytes_eq_nocase(bytes_trim(coding), BYTES("identity"))) {
        refuse(receive, request, 415, REFUSED_REQUEST,
               "Content-Encoding is not supported");
        return false;
    }
    if (type.ptr == NULL || is_json_type(type))
        return true;
    refuse(receive, request, 415, REFUSED_REQUEST, "Expected application/json");
    return false;
}

static bool check_settings(struct receive *receive, struct server_request *request,
                           struct admission *admission)
{
    struct bytes header = server_header(request, "X-Segment-Settings");

    if (server_n_headers(request, "X-Segment-Settings") <= 1 &&
        settings_decode(header, &admission->settings) != SETTINGS_MALFORMED)
        return true;
    refuse(receive, request, 400, REFUSED_REQUEST, "Invalid X-Segment-Settings");
    return false;
}

static bool check_room(struct receive *receive, struct server_request *request,
                       const struct snapshot *snapshot)
{
    if (!atomic_load(receive->is_draining) && keeper_refusal(receive->keeper) == NULL &&
        tally_waiting(receive->tally) < snapshot->config->limits.queue_events)
        return true;
    refuse(receive, request, 503, REFUSED_BUSY, "Temporarily unavailable");
    return false;
}

static size_t body_limit(const struct snapshot *snapshot, bool is_source)
{
    int64_t bytes = snapshot->config->limits.body_bytes;

    return is_source && bytes > POSTED_BYTES ? POSTED_BYTES : (size_t)bytes;
}

/* A source takes any type, and a body or none; what stands in the headers is its
 * function's. */
static bool check_content(struct receive *receive, struct server_request *request,
                          struct admission *admission)
{
    return admission->subscription->config->kind == CONFIG_SOURCE ||
           (check_length(receive, request) && check_type(receive, request) &&
            check_settings(receive, request, admission));
}

bool receive_head(struct receive *receive, struct server_request *request)
{
    const struct snapshot *snapshot = atomic_load(receive->snapshot);
    const struct snapshot_subscription *subscription =
        snapshot_by_path(snapshot, server_path(request));
    struct admission *admission;

    if (subscription == NULL)
        return false;
    if (!bytes_eq(server_method(request), BYTES("POST"))) {
        refuse(receive, request, 405, REFUSED_REQUEST, "Method not allowed");
        return true;
    }
    server_limit_body(request,
                      body_limit(snapshot, subscription->config->kind == CONFIG_SOURCE));
    admission = mem_new(struct admission);
    admission->snapshot = snapshot;
    admission->subscription = subscription;
    buf_init(&admission->settings, SETTINGS_BYTES);
    server_set_data(request, admission, admission_free);
    (void)(check_key(receive, request, admission) &&
           check_content(receive, request, admission) &&
           check_room(receive, request, snapshot));
    return true;
}

/* --- the body ----------------------------------------------------------------------- */

/* @subject: NULL where the body has not been scanned. */
static bool check_signature(struct receive *receive, struct server_request *request,
                            const struct admission *admission,
                            const struct signature_subject *subject)
{
    const struct hmac_sha1 *secret = admission->subscription->signature;
    const struct bytes header = server_header(request, "X-Signature");
    enum signature_verdict verdict = SIGNATURE_MALFORMED;

    if (secret == NULL)
        return true;
    if (server_n_headers(request, "X-Signature") == 1)
        verdict = subject != NULL
                      ? signature_verify_subject(header, subject, secret)
                      : signature_verify(header, server_body(request), secret);
    if (verdict == SIGNATURE_GENUINE)
        return true;
    refuse(receive, request, 401, REFUSED_SIGNATURE, "Invalid X-Signature");
    return false;
}

/* Whose messageId it is (core/dedupe.h). */
static void name_owner(struct admission *admission)
{
    if (admission->key != 0)
        snprintf(admission->owner, sizeof(admission->owner), "key:%lld",
                 (long long)admission->key);
    else
        snprintf(admission->owner, sizeof(admission->owner), "sub:%s",
                 admission->subscription->config->name);
}

static struct parcel *pack(const struct admission *admission, struct bytes text,
                           const struct event *event, int64_t now_ms)
{
    struct parcel *parcel = parcel_new(text, buf_bytes(&admission->settings), event);

    parcel->received_at_ms = now_ms;
    parcel->subscription = admission->subscription->number;
    parcel->key = admission->key;
    sha256_sum(&text, 1, parcel->sha256);
    parcel->has_mark = event->message_id.len > 0;
    if (parcel->has_mark)
        dedupe_mark_of(bytes_str(admission->owner), event->message_id, parcel->sha256,
                       &parcel->mark);
    return parcel;
}

static int refuse_item(struct receipt_item *item, int status, const char *why)
{
    item->message = mem_text(why);
    return status;
}

/* The status when this alone is refused; 0: good, and the item has its parcel. */
static int take_event(const struct admission *admission, struct bytes text,
                      enum event_verdict verdict, const struct event *event,
                      int64_t now_ms, struct receipt_item *ret_item)
{
    if ((int64_t)text.len > admission->snapshot->config->limits.event_bytes)
        return refuse_item(ret_item, 413, "Event too large");
    if (verdict == EVENT_MALFORMED)
        return refuse_item(ret_item, 400, "Malformed JSON");
    if (verdict != EVENT_GOOD)
        return refuse_item(ret_item, verdict == EVENT_UNSUPPORTED ? 501 : 400,
                           event->why);
    ret_item->parcel = pack(admission, text, event, now_ms);
    return 0;
}

static void hand_on(struct receive *receive, struct server_request *request,
                    struct receipt *receipt)
{
    receipt->request = request;
    if (keeper_refusal(receive->keeper) == NULL) {
        list_push(&receive->receipts, &receipt->mail.link);
        return;
    }
    receipt_free(receipt);
    refuse(receive, request, 503, REFUSED_BUSY, "Temporarily unavailable");
}

void receive_turn_ends(struct receive *receive, bool is_all)
{
    keeper_receive(receive->keeper, &receive->receipts, is_all);
}

static enum tally_refusal refusal_of(int status, const char *message)
{
    if (status == 413)
        return REFUSED_SIZE;
    return strcmp(message, "Malformed JSON") == 0 ? REFUSED_JSON : REFUSED_EVENT;
}

static bool has_bom(struct bytes text)
{
    return bytes_starts(text, BYTES("\xef\xbb\xbf"));
}

static struct bytes without_bom(struct bytes body)
{
    return has_bom(body) ? bytes_slice(body, 3, body.len) : body;
}

static void take_one(struct receive *receive, struct server_request *request,
                     const struct admission *admission, struct bytes text,
                     enum event_verdict verdict, const struct event *event)
{
    struct receipt *receipt = receipt_new(1);
    int status =
        take_event(admission, text, verdict, event, clock_wall_ms(), &receipt->items[0]);

    if (status != 0) {
        refuse(receive, request, status, refusal_of(status, receipt->items[0].message),
               receipt->items[0].message);
        receipt_free(receipt);
        return;
    }
    receipt->subscription = admission->subscription->number;
    receipt->is_inline = admission->subscription->config->mode == CONFIG_MODE_INLINE;
    hand_on(receive, request, receipt);
}

static void receive_one(struct receive *receive, struct server_request *request,
                        const struct admission *admission, struct bytes text)
{
    const struct signature_subject subject = {server_body(request), text};
    cleanup(buf_done) struct buf scratch = {0};
    struct event event = {0};
    enum event_verdict verdict = EVENT_MALFORMED;

    buf_init(&scratch, EVENT_SCRATCH_BYTES);
    if ((int64_t)text.len <= admission->snapshot->config->limits.event_bytes &&
        !has_bom(text))
        verdict = event_judge(text, &scratch, &event);
    /* What was found to be an object needs no second look for what is signed of it. */
    if (!check_signature(receive, request, admission,
                         verdict != EVENT_MALFORMED ? &subject : NULL))
        return;
    if (has_bom(text)) /* the scanner forgives it, but who reads the store? */
        refuse(receive, request, 400, REFUSED_JSON, "Malformed JSON");
    else
        take_one(receive, request, admission, text, verdict, &event);
}

/* Nothing of the array is good: the sender's fault, and each element's reason is told. */
static void refuse_array(struct receive *receive, struct server_request *request,
                         const struct receipt *receipt)
{
    cleanup(buf_done) struct buf body = {0};
    struct server_answer answer = {.status = 400, .content_type = "application/json"};

    buf_init(&body, ANSWER_BYTES);
    receipt_print(receipt, &body);
    if (body.full || body.len < 2) {
        refuse(receive, request, 400, REFUSED_EVENT, "No event of this batch is valid");
        return;
    }
    tally_refuse(receive->tally, REFUSED_EVENT);
    /* The same object, with Segment's `message` in front. */
    cleanup(buf_done) struct buf whole = {0};
    buf_init(&whole, ANSWER_BYTES + 256);
    buf_add_text(&whole, "{\"message\":\"No event of this batch is valid\",");
    buf_add(&whole, bytes_slice(buf_bytes(&body), 1, body.len));
    answer.body = buf_bytes(&whole);
    server_answer(request, &answer);
}

/* What an array is made of, while it is looked through. */
struct intake {
    struct scan_array array;
    struct receipt *receipt; /* with room for more than n_items */
    size_t n_items, n_good;
    int64_t now_ms;
};

static struct receipt_item *next_item(struct intake *intake)
{
    if (intake->n_items == intake->receipt->n_items)
        intake->receipt = receipt_resize(intake->receipt, intake->n_items * 2);
    return &intake->receipt->items[intake->n_items++];
}

/* False: answered. */
static bool take_events(struct receive *receive, struct server_request *request,
                        const struct admission *admission, struct intake *intake)
{
    cleanup(buf_done) struct buf scratch = {0};
    enum event_verdict verdict;
    struct event event;
    struct bytes text;

    buf_init(&scratch, EVENT_SCRATCH_BYTES);
    while (intake->n_items < MAX_EVENTS &&
           event_judge_next(&intake->array, &scratch, &text, &verdict, &event)) {
        /* Who signed the first has signed them all. */
        const struct signature_subject subject = {text, text};

        if (intake->n_items == 0 &&
            !check_signature(receive, request, admission, &subject))
            return false;
        if (take_event(admission, text, verdict, &event, intake->now_ms,
                       next_item(intake)) == 0)
            intake->n_good++;
    }
    return true;
}

/* Too many are refused, if it is an array of too many and nothing else. */
static bool has_more(struct scan_array *array)
{
    struct scan_span element;
    bool has_one = false;

    while (scan_array_next(array, NULL, &element))
        has_one = true;
    return has_one;
}

/* Its receipt goes on, or is left behind. */
static void receive_events(struct receive *receive, struct server_request *request,
                           struct intake *intake)
{
    for (size_t i = intake->n_good; i < intake->n_items; i++)
        tally_reject(receive->tally);
    intake->receipt = receipt_resize(intake->receipt, intake->n_items);
    if (intake->n_good == 0) {
        refuse_array(receive, request, intake->receipt);
        return;
    }
    hand_on(receive, request, intake->receipt);
    intake->receipt = NULL;
}

static void judge_array(struct receive *receive, struct server_request *request,
                        const struct admission *admission, struct intake *intake)
{
    static const struct signature_subject nothing = {0};
    const bool has_too_many = has_more(&intake->array);

    /* Nobody can sign what is no JSON, or has nothing in it. */
    if ((intake->array.fault.why != NULL || intake->n_items == 0) &&
        !check_signature(receive, request, admission, &nothing))
        return;
    if (intake->array.fault.why != NULL)
        refuse(receive, request, 400, REFUSED_JSON, "Malformed JSON");
    else if (intake->n_items == 0)
        refuse(receive, request, 400, REFUSED_EVENT, "Empty batch");
    else if (has_too_many)
        refuse(receive, request, 413, REFUSED_SIZE, "Too many events in one request");
    else
        receive_events(receive, request, intake);
}

static void receive_array(struct receive *receive, struct server_request *request,
                          const struct admission *admission, struct bytes body)
{
    struct intake intake = {.receipt = receipt_new(FIRST_ITEMS),
                            .now_ms = clock_wall_ms()};

    intake.receipt->is_array = true;
    intake.receipt->subscription = admission->subscription->number;
    scan_array_init(&intake.array, body);
    if (take_events(receive, request, admission, &intake))
        judge_array(receive, request, admission, &intake);
    receipt_free(intake.receipt);
}

/* Whatever it is: only its function can say whether it is good. */
static void receive_posted(struct receive *receive, struct server_request *request,
                           const struct admission *admission)
{
    struct parcel *parcel =
        posted_parcel(request, admission->snapshot->config->server.public_url);
    struct receipt *receipt;

    if (parcel == NULL) {
        refuse(receive, request, 431, REFUSED_SIZE, "Too many or too large fields");
        return;
    }
    parcel->received_at_ms = clock_wall_ms();
    parcel->subscription = admission->subscription->number;
    parcel->key = admission->key;
    sha256_sum(&parcel->payload, 1, parcel->sha256);
    receipt = receipt_new(1);
    receipt->subscription = parcel->subscription;
    receipt->items[0].parcel = parcel;
    hand_on(receive, request, receipt);
}

bool receive_has(const struct server_request *request)
{
    return server_data_of(request, admission_free) != NULL;
}

void receive_body(struct receive *receive, struct server_request *request)
{
    struct admission *admission = server_data(request);
    const bool is_source = admission->subscription->config->kind == CONFIG_SOURCE;
    struct bytes body = bytes_trim(without_bom(server_body(request)));

    tally_receive(receive->tally, admission->subscription->number,
                  clock_now_us() - server_began_us(request));
    name_owner(admission);
    if (is_source) {
        if (check_signature(receive, request, admission, NULL))
            receive_posted(receive, request, admission);
    } else if (bytes_starts(body, BYTES("["))) {
        receive_array(receive, request, admission, body);
    } else {
        receive_one(receive, request, admission, body);
    }
}
