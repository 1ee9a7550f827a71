/* SPDX-License-Identifier: MIT */
#include "js/host.h"

#include <errno.h>
#include <poll.h>

#include "base/err.h"
#include "base/mem.h"
#include "js/alarms.h"
#include "js/channel.h"
#include "js/lent.h"
#include "js/page.h"
#include "js/realm.h"
#include "js/utf16.h"
#include "runtime_text.h"
#include "sys/clock.h"

enum {
    MAX_OUT_BYTES = 32 << 20,
    FLUSH_BYTES = 64 << 10,
    FLUSH_US = 500,   /* results of others do not wait longer than this for a slice */
    MAX_HEADERS = 64, /* of a fetch: POOL_HEADERS, and the frame has no room for more */
};

struct host {
    struct channel channel;
    struct page *page;
    struct realms realms;
    struct alarms alarms;
    struct buf scratch;
    struct buf why;
    int64_t oldest_us; /* of what waits in channel.out; 0: nothing waits */
    bool is_broken;
};

/* A native's host; its @arg is the realm of the code that called. */
static struct host *host_of(void *arg)
{
    return ((struct realm *)arg)->host;
}

/* Adds argument @index as a field, unless it is undefined. */
static void add_text(struct host *host, const struct engine_call *call, size_t index,
                     enum frame_tag tag)
{
    if (!engine_has(call, index))
        return;
    buf_clear(&host->scratch);
    if (engine_text(call, index, &host->scratch) != 0)
        host->channel.out.full = true;
    else
        frame_add(&host->channel.out, tag, buf_bytes(&host->scratch));
}

static void add_number(struct host *host, const struct engine_call *call, size_t index,
                       enum frame_tag tag)
{
    double number = engine_number(call, index);

    if (number > 0 && number < 0x1p32)
        frame_add_u32(&host->channel.out, tag, (uint32_t)number);
}

static uint32_t id_of(const struct engine_call *call, size_t index)
{
    double number = engine_number(call, index);

    return number > 0 && number < 0x1p32 ? (uint32_t)number : 0;
}

static bool end_frame(struct host *host, size_t begun)
{
    if (frame_end(&host->channel.out, begun) != 0)
        return false;
    if (host->oldest_us == 0)
        host->oldest_us = clock_now_us();
    return true;
}

/* Says that a run ended badly, with words that cannot be too long. */
static void say_failed(struct host *host, uint32_t invocation, struct bytes why)
{
    size_t begun = frame_begin(&host->channel.out, FRAME_RESULT, invocation);

    frame_add(&host->channel.out, TAG_ERROR_NAME, BYTES("Error"));
    frame_add(&host->channel.out, TAG_ERROR, bytes_slice(why, 0, 4096));
    if (!end_frame(host, begun))
        host->is_broken = true;
}

/* native.result(run, flags, handler, value) */
static void say_result(void *arg, struct engine_call *call)
{
    struct host *host = host_of(arg);
    size_t begun = frame_begin(&host->channel.out, FRAME_RESULT, id_of(call, 0));

    ((struct realm *)arg)->is_over = true;
    add_number(host, call, 1, TAG_FLAGS);
    add_text(host, call, 2, TAG_HANDLER);
    add_text(host, call, 3, TAG_VALUE);
    if (!end_frame(host, begun))
        say_failed(host, id_of(call, 0), BYTES("the returned value is too large"));
}

/* native.fail(run, flags, handler, name, message, stack, line, column, value, note) */
static void say_fail(void *arg, struct engine_call *call)
{
    struct host *host = host_of(arg);
    size_t begun = frame_begin(&host->channel.out, FRAME_RESULT, id_of(call, 0));

    ((struct realm *)arg)->is_over = true;
    add_number(host, call, 1, TAG_FLAGS);
    add_text(host, call, 2, TAG_HANDLER);
    add_text(host, call, 3, TAG_ERROR_NAME);
    add_text(host, call, 4, TAG_ERROR);
    add_text(host, call, 5, TAG_STACK);
    add_number(host, call, 6, TAG_LINE);
    add_number(host, call, 7, TAG_COLUMN);
    add_text(host, call, 8, TAG_VALUE);
    add_text(host, call, 9, TAG_NOTE);
    if (!end_frame(host, begun))
        say_failed(host, id_of(call, 0), BYTES("an error whose text is too large"));
}

/* native.loaded(generation, handlers joined by newlines) */
static void say_loaded(void *arg, struct engine_call *call)
{
    struct host *host = host_of(arg);
    size_t begun = frame_begin(&host->channel.out, FRAME_LOADED, 0);
    struct bytes names;

    add_text(host, call, 0, TAG_GENERATION);
    buf_clear(&host->scratch);
    (void)engine_text(call, 1, &host->scratch);
    names = buf_bytes(&host->scratch);
    while (names.len > 0)
        frame_add(&host->channel.out, TAG_HANDLER, bytes_take_until(&names, '\n'));
    if (!end_frame(host, begun))
        host->is_broken = true;
}

/* native.refused(name, message, line, column) */
static void say_refused(void *arg, struct engine_call *call)
{
    struct host *host = host_of(arg);
    size_t begun = frame_begin(&host->channel.out, FRAME_LOADED, 0);

    add_text(host, call, 0, TAG_ERROR_NAME);
    add_text(host, call, 1, TAG_ERROR);
    add_number(host, call, 2, TAG_LINE);
    add_number(host, call, 3, TAG_COLUMN);
    if (!end_frame(host, begun))
        host->is_broken = true;
}

/* native.fetch(run, id, method, url, headers, body, flags): false when it is too large;
 * headers are name, newline, value, newline. */
static void say_fetch(void *arg, struct engine_call *call)
{
    struct host *host = host_of(arg);
    size_t begun = frame_begin(&host->channel.out, FRAME_FETCH, id_of(call, 0));
    struct bytes headers;
    int n_headers = 0;

    add_number(host, call, 1, TAG_FETCH);
    add_text(host, call, 2, TAG_METHOD);
    add_text(host, call, 3, TAG_URL);
    buf_clear(&host->scratch);
    if (engine_text(call, 4, &host->scratch) != 0)
        host->channel.out.full = true;
    headers = buf_bytes(&host->scratch);
    while (headers.len > 0 && n_headers++ < MAX_HEADERS) {
        frame_add(&host->channel.out, TAG_HEADER, bytes_take_until(&headers, '\n'));
        frame_add(&host->channel.out, TAG_VALUE, bytes_take_until(&headers, '\n'));
    }
    if (headers.len > 0)
        host->channel.out.full = true;
    add_text(host, call, 5, TAG_BODY);
    add_number(host, call, 6, TAG_FLAGS);
    engine_return_bool(call, end_frame(host, begun));
}

/* native.log(run, text) */
static void say_log(void *arg, struct engine_call *call)
{
    struct host *host = host_of(arg);
    size_t begun = frame_begin(&host->channel.out, FRAME_LOG, id_of(call, 0));

    add_text(host, call, 1, TAG_TEXT);
    (void)end_frame(host, begun);
}

/* A timer's id, of whichever realm. */
static uint64_t alarm_of(const struct realm *realm, uint32_t timer)
{
    return (uint64_t)realm->number << 32 | timer;
}

/* native.timer(id, run, delay in ms) */
static void set_timer(void *arg, struct engine_call *call)
{
    struct host *host = host_of(arg);

    alarms_set(&host->alarms, alarm_of(arg, id_of(call, 0)), id_of(call, 1),
               clock_now_ms() + (int64_t)engine_number(call, 2));
}

/* native.stop(id) */
static void stop_timer(void *arg, struct engine_call *call)
{
    struct host *host = host_of(arg);

    alarms_stop(&host->alarms, alarm_of(arg, id_of(call, 0)));
}

/* native.encode(text): its UTF-8 */
static void encode(void *arg, struct engine_call *call)
{
    struct host *host = host_of(arg);

    buf_clear(&host->scratch);
    (void)engine_text(call, 0, &host->scratch);
    engine_return_bytes(call, buf_bytes(&host->scratch));
}

/* native.decode(bytes): their text */
static void decode(void *arg, struct engine_call *call)
{
    struct host *host = host_of(arg);

    buf_clear(&host->scratch);
    (void)engine_text(call, 0, &host->scratch);
    engine_return_text(call, buf_bytes(&host->scratch));
}

/* native.run(name, source): the script's value, or what it throws */
static void run_script(void *arg, struct engine_call *call)
{
    (void)arg;
    engine_return_run(call, /* name= */ 0, /* source= */ 1);
}

/* native.allowEval(may) */
static void allow_eval(void *arg, struct engine_call *call)
{
    (void)arg;
    engine_allow_eval(call, engine_number(call, 0) != 0);
}

static const struct engine_native natives[] = {
    {"result", say_result}, {"fail", say_fail},
    {"loaded", say_loaded}, {"refused", say_refused},
    {"fetch", say_fetch},   {"log", say_log},
    {"timer", set_timer},   {"stop", stop_timer},
    {"encode", encode},     {"decode", decode},
    {"run", run_script},    {"allowEval", allow_eval},
    {NULL, NULL},
};

static const struct engine_native *const all_natives[] = {natives, lent_natives, NULL};

struct host *host_new(int fd, struct page *page, struct err *err)
{
    struct host *host = mem_new(struct host);

    lent_warm_up();
    host->page = page;
    channel_init(&host->channel, fd, MAX_OUT_BYTES);
    buf_init(&host->scratch, FRAME_BYTES);
    buf_init(&host->why, FRAME_BYTES);
    alarms_init(&host->alarms);
    if (realms_init(&host->realms, host, bytes_of(runtime_text, sizeof(runtime_text)),
                    all_natives, err) == 0)
        return host;
    alarms_done(&host->alarms);
    channel_done(&host->channel);
    buf_done(&host->scratch);
    buf_done(&host->why);
    free(host);
    return NULL;
}

static void flush(struct host *host)
{
    switch (channel_write(&host->channel)) {
    case CHANNEL_BROKEN:
        host->is_broken = true;
        break;
    case CHANNEL_MORE:
        host->oldest_us = 0;
        break;
    case CHANNEL_WAITING:
        break;
    }
}

void host_say_ready(struct host *host, unsigned layers)
{
    size_t begun = frame_begin(&host->channel.out, FRAME_READY, 0);

    frame_add_u32(&host->channel.out, TAG_LAYERS, layers);
    if (end_frame(host, begun))
        flush(host);
}

void host_say_failed(int fd, const char *why)
{
    struct channel channel;
    size_t begun;

    channel_init(&channel, fd, FRAME_BYTES);
    begun = frame_begin(&channel.out, FRAME_READY, 0);
    frame_add(&channel.out, TAG_ERROR, bytes_str(why));
    if (frame_end(&channel.out, begun) == 0)
        (void)!channel_write(&channel);
    channel_done(&channel);
}

/* A slice is about to begin that may never end: what others wait for leaves first. */
static void flush_old(struct host *host, int64_t now_us)
{
    if (host->oldest_us != 0 &&
        (host->channel.out.len > FLUSH_BYTES || now_us - host->oldest_us > FLUSH_US))
        flush(host);
}

/* Slices are announced for @invocation; @realm is NULL when what it was for has ended. */
static void enter(struct host *host, struct realm *realm, uint32_t invocation,
                  enum engine_entry entry, const struct engine_value *values,
                  size_t n_values)
{
    int64_t now_us = clock_now_us();

    if (realm == NULL)
        return;

    flush_old(host, now_us);
    page_enter(host->page, invocation, now_us);
    buf_clear(&host->why);
    if (!engine_enter(realm->engine, entry, values, n_values, &host->why)) {
        say_failed(host, invocation, buf_bytes(&host->why));
        realm->is_over = true;
    }
    page_leave(host->page, clock_now_us());
    realms_leave(&host->realms, realm);
}

static void load(struct host *host, const struct frame *frame)
{
    struct bytes source = frame_get(frame, TAG_SOURCE);

    if (bytes_starts(source, BYTES("\xef\xbb\xbf")))
        source = bytes_slice(source, 3, source.len);
    page_enter(host->page, 0, clock_now_us());
    buf_clear(&host->why);
    /* How it went is said by the code, unless it broke what the runtime uses. */
    if (!realms_load(&host->realms, frame_get(frame, TAG_NAME), source,
                     frame_get_u32(frame, TAG_KIND), frame_get_u32(frame, TAG_FLAGS),
                     &host->why))
        host->is_broken = true;
    page_leave(host->page, clock_now_us());
}

/* Makes the next fresh realm: the code runs once more, on nobody's account. */
static void prepare(struct host *host)
{
    if (!realms_want(&host->realms))
        return;
    page_enter(host->page, 0, clock_now_us());
    realms_prepare(&host->realms);
    page_leave(host->page, clock_now_us());
}

static void invoke(struct host *host, const struct frame *frame)
{
    uint32_t flags = frame_get_u32(frame, TAG_FLAGS);
    struct realm *realm;
    const struct engine_value values[] = {
        ENGINE_OF_NUMBER(frame->invocation),
        ENGINE_OF_NUMBER(frame_get_u32(frame, TAG_KIND)),
        ENGINE_OF(ENGINE_JSON, frame_get(frame, TAG_EVENT)),
        ENGINE_OF(ENGINE_JSON, frame_get(frame, TAG_SETTINGS)),
        ENGINE_OF_NUMBER(flags),
    };

    prepare(host);
    realm = realms_begin(&host->realms, frame->invocation);
    if (realm == NULL)
        say_failed(host, frame->invocation, BYTES("no context could be made"));
    enter(host, realm, frame->invocation, ENGINE_INVOKE, values, COUNT(values));
}

/* Adds the answer's headers; true when one says that the body is in some encoding. */
static bool add_headers(const struct frame *frame, struct buf *out)
{
    bool is_coded = false;

    for (size_t i = 0; i < frame->n_fields; i++) {
        const struct frame_field *field = &frame->fields[i];

        if (field->tag != TAG_HEADER && field->tag != TAG_VALUE)
            continue;
        is_coded |= field->tag == TAG_HEADER &&
                    bytes_eq_nocase(field->value, BYTES("content-encoding"));
        (void)buf_add(out, field->value);
        (void)buf_add_char(out, '\n');
    }
    return is_coded;
}

/* Text costs the engine less than bytes, and text is what most code asks for. */
static struct engine_value body_value(const struct frame *frame)
{
    struct bytes body = frame_get(frame, TAG_BODY);

    if (body.len == 0)
        return ENGINE_OF(ENGINE_UNDEFINED, body);
    return ENGINE_OF(utf16_is_ascii(body) ? ENGINE_TEXT : ENGINE_BYTES, body);
}

static void answer(struct host *host, const struct frame *frame)
{
    struct buf *headers = &host->scratch; /* copied before any code runs */
    struct bytes error = frame_get(frame, TAG_ERROR);
    bool is_coded;

    buf_clear(headers);
    is_coded = add_headers(frame, headers);
    const struct engine_value values[] = {
        ENGINE_OF_NUMBER(frame->invocation),
        ENGINE_OF_NUMBER(frame_get_u32(frame, TAG_FETCH)),
        ENGINE_OF_NUMBER(frame_get_u32(frame, TAG_TRANSPORT)),
        ENGINE_OF_NUMBER(frame_get_u32(frame, TAG_STATUS)),
        ENGINE_OF(ENGINE_TEXT, buf_bytes(headers)),
        ENGINE_OF_NUMBER(is_coded),
        body_value(frame),
        ENGINE_OF(error.len > 0 ? ENGINE_TEXT : ENGINE_UNDEFINED, error),
    };
    enter(host, realms_of(&host->realms, frame->invocation), frame->invocation,
          ENGINE_ANSWER, values, COUNT(values));
}

static void cancel(struct host *host, const struct frame *frame)
{
    const struct engine_value values[] = {ENGINE_OF_NUMBER(frame->invocation)};
    struct realm *realm = realms_of(&host->realms, frame->invocation);

    if (realm != NULL)
        realm->is_over = true;
    enter(host, realm, frame->invocation, ENGINE_CANCEL, values, COUNT(values));
}

static void (*const on_frame[FRAME_N_TYPES])(struct host *, const struct frame *) = {
    [FRAME_LOAD] = load,
    [FRAME_INVOKE] = invoke,
    [FRAME_ANSWER] = answer,
    [FRAME_CANCEL] = cancel,
};

static void take_frames(struct host *host)
{
    enum frame_verdict verdict = FRAME_WHOLE;
    struct frame frame;
    size_t cursor = 0;

    while (!host->is_broken && verdict == FRAME_WHOLE) {
        verdict = channel_next(&host->channel, /* from_runner= */ false, &cursor, &frame);
        if (verdict == FRAME_WHOLE)
            on_frame[frame.type](host, &frame);
    }
    if (verdict == FRAME_BAD)
        host->is_broken = true;
    channel_forget(&host->channel, cursor);
}

/* Those due now, not those that they set: frames get their turn in between. */
static void ring_alarms(struct host *host)
{
    int64_t now_ms = clock_now_ms();
    uint64_t id;
    uint32_t invocation;

    for (size_t left = alarms_count(&host->alarms);
         left > 0 && alarms_ring(&host->alarms, now_ms, &id, &invocation); left--) {
        const struct engine_value values[] = {ENGINE_OF_NUMBER((uint32_t)id)};

        enter(host, realms_numbered(&host->realms, (uint32_t)(id >> 32)), invocation,
              ENGINE_TIMER, values, COUNT(values));
    }
}

static void wait_for_work(struct host *host)
{
    short events = POLLIN;
    struct pollfd poll_fd = {.fd = host->channel.fd};
    enum channel_state state;

    /* While the service does not take what we said, we take no more from it. */
    if (host->channel.out.len > 0)
        events = host->channel.out.len > FLUSH_BYTES ? POLLOUT : POLLIN | POLLOUT;
    poll_fd.events = events;
    if (poll(&poll_fd, 1, alarms_wait_ms(&host->alarms, clock_now_ms())) < 0) {
        host->is_broken = errno != EINTR;
        return;
    }
    if ((poll_fd.revents & POLLOUT) != 0)
        flush(host);
    if ((poll_fd.revents & (POLLIN | POLLHUP | POLLERR)) == 0)
        return;
    state = channel_read(&host->channel);
    if (state == CHANNEL_BROKEN)
        host->is_broken = true;
}

void host_run(struct host *host)
{
    while (!host->is_broken) {
        wait_for_work(host);
        take_frames(host);
        ring_alarms(host);
        if (host->oldest_us != 0)
            flush(host);
        prepare(host);
    }
}
