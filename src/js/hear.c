/* SPDX-License-Identifier: MIT */

/*
 * hear - what a runner says, and what follows from it.
 *
 * Each handler answers false when the frame is not one that this runner may say now; the
 * runner is then ended as crashed. Handlers may call callers back, and these may retire
 * the function or cancel; so after each frame the state is looked at anew.
 */

#include <signal.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/mem.h"
#include "js/pool_private.h"

enum {
    MAX_READS = 4,
    /* Beyond this it is a flood: the runtime of an honest runner says less. */
    MAX_IDLE_FRAMES = 20000,
};

static struct pool_invocation *find(const struct crew *crew, uint32_t id)
{
    for (struct list_link *link = crew->invocations.first; link; link = link->next) {
        struct pool_invocation *invocation =
            list_entry(link, struct pool_invocation, link);

        if (invocation->id == id)
            return invocation;
    }
    return NULL;
}

/* About an invocation that is through: it may not have known. */
static bool is_tolerable(struct crew *crew)
{
    return ++crew->n_idle_frames <= MAX_IDLE_FRAMES;
}

static const char *refusal(const struct crew *crew, char *text, size_t size)
{
    enum sandbox_level level = sandbox_level_of(crew->layers);
    enum sandbox_level minimum = crew->pool->options.minimum;
    char missing[160];

    if (crew->pool->options.may_run_unsandboxed)
        return NULL;
    if (level != SANDBOX_LEVEL_NONE && level >= minimum)
        return NULL;
    if (minimum == SANDBOX_LEVEL_NONE)
        minimum = SANDBOX_LEVEL_LAMBDA;
    sandbox_layers_text(sandbox_layers_of(minimum) & ~crew->layers, missing,
                        sizeof(missing));
    snprintf(text, size,
             "the sandbox reaches level %s here, below the minimum %s; missing: %s",
             sandbox_level_text(level), sandbox_level_text(minimum), missing);
    return text;
}

/* The first load's caller is told at once what no second try would change. */
static bool on_ready(struct crew *crew, const struct frame *frame)
{
    struct pool_function *function = crew->function;
    struct bytes error = frame_get(frame, TAG_ERROR);
    const struct pool_loaded loaded = {.error_name = "Runner",
                                       .error_message = function->failure};
    char text[320];
    const char *why;

    if (crew->state != CREW_STARTING)
        return false;
    crew->layers = frame_get_u32(frame, TAG_LAYERS) & ~(unsigned)SANDBOX_CGROUP;
    if (crew->part.fd >= 0)
        crew->layers |= SANDBOX_CGROUP;
    if (crew->channel.has_peer_pid)
        child_adopt(&crew->child, crew->channel.peer_pid);
    scales_put(crew->pool->scales, &crew->pan);
    if (error.len > 0)
        snprintf(text, sizeof(text), "%.*s", BYTES_FMT(bytes_slice(error, 0, 300)));
    why = error.len > 0 ? text : refusal(crew, text, sizeof(text));
    if (why == NULL) {
        crew->state = CREW_LOADING;
        crew->since_ms = loop_now_ms(crew->pool->loop);
        crew_load(crew);
        return true;
    }
    snprintf(function->failure, sizeof(function->failure), "%s", why);
    crew_kill(crew);
    if (function->state == FUNCTION_LOADING)
        function_loaded(function, &loaded);
    else
        function_start_failed(function, "Runner");
    return true;
}

static void tell_loaded(struct crew *crew, const struct frame *frame)
{
    struct pool_loaded loaded = {
        .ok = !frame_has(frame, TAG_ERROR),
        .line = (int)frame_get_u32(frame, TAG_LINE),
        .column = (int)frame_get_u32(frame, TAG_COLUMN),
        .sandbox_layers = crew->layers,
        .level = sandbox_level_of(crew->layers),
    };
    struct pool_function *function = crew->function;
    struct arena arena;
    const char **handlers;
    size_t n = 0;

    arena_init(&arena);
    handlers = arena_zero(&arena, (frame->n_fields + 1) * sizeof(*handlers));
    for (size_t i = 0; i < frame->n_fields; i++)
        if (frame->fields[i].tag == TAG_HANDLER)
            handlers[n++] = arena_copy(&arena, frame->fields[i].value);
    loaded.handlers = handlers;
    loaded.generation = arena_copy(&arena, frame_get(frame, TAG_GENERATION));
    loaded.error_name = arena_copy(&arena, frame_get(frame, TAG_ERROR_NAME));
    loaded.error_message = arena_copy(&arena, frame_get(frame, TAG_ERROR));
    if (!loaded.ok)
        crew_kill(crew);
    function_loaded(function, &loaded);
    arena_done(&arena);
}

/* A later load: its runner joins the others, or the function waits before the next. */
static bool on_loaded(struct crew *crew, const struct frame *frame)
{
    struct pool_function *function = crew->function;

    if (crew->state != CREW_LOADING)
        return false;
    crew->state = CREW_SERVING;
    crew->since_ms = loop_now_ms(crew->pool->loop);
    if (function->state == FUNCTION_LOADING) {
        tell_loaded(crew, frame);
    } else if (frame_has(frame, TAG_ERROR)) {
        snprintf(function->failure, sizeof(function->failure), "%.*s",
                 BYTES_FMT(bytes_slice(frame_get(frame, TAG_ERROR), 0, 300)));
        crew_kill(crew);
        function_start_failed(function, "Runner");
        return true;
    }
    function->n_failures = 0;
    pool_wake(crew->pool);
    return true;
}

static struct fetch_slot *free_slot(struct pool_invocation *invocation, uint32_t theirs)
{
    struct fetch_slot *found = NULL;

    for (size_t i = 0; i < POOL_FETCHES; i++) {
        struct fetch_slot *slot = &invocation->fetches[i];

        if (slot->id != 0 && slot->theirs == theirs)
            return NULL;
        if (slot->id == 0 && found == NULL)
            found = slot;
    }
    return found;
}

static bool read_request(const struct frame *frame, struct pool_request *ret_request)
{
    const struct frame_field *fields = frame->fields;
    size_t n = 0;

    for (size_t i = 0; i + 1 < frame->n_fields; i++) {
        if (fields[i].tag != TAG_HEADER)
            continue;
        if (n == POOL_HEADERS)
            return false;
        ret_request->headers[n++] =
            (struct pool_header){fields[i].value, fields[i + 1].value};
    }
    ret_request->n_headers = n;
    ret_request->method = frame_get(frame, TAG_METHOD);
    ret_request->url = frame_get(frame, TAG_URL);
    ret_request->body = frame_get(frame, TAG_BODY);
    ret_request->has_body = frame_has(frame, TAG_BODY);
    ret_request->follow_redirects =
        (frame_get_u32(frame, TAG_FLAGS) & FETCH_FOLLOWS) != 0;
    return true;
}

static bool on_fetch(struct crew *crew, const struct frame *frame)
{
    struct pool_invocation *invocation = find(crew, frame->invocation);
    not_zeroed struct pool_request request;
    struct fetch_slot *slot;

    if (invocation == NULL)
        return is_tolerable(crew);
    slot = free_slot(invocation, frame_get_u32(frame, TAG_FETCH));
    if (slot == NULL || !read_request(frame, &request))
        return false;
    *slot =
        (struct fetch_slot){++invocation->last_fetch, frame_get_u32(frame, TAG_FETCH)};
    if (invocation->run.fetch_fn != NULL)
        invocation->run.fetch_fn(invocation->run.arg, invocation, slot->id, &request);
    else
        pool_answer(invocation, slot->id,
                    &(struct pool_response){.transport = TRANSPORT_OTHER,
                                            .error = "there is no network here"});
    return true;
}

static bool on_log(struct crew *crew, const struct frame *frame)
{
    struct pool_invocation *invocation = find(crew, frame->invocation);
    struct bytes text = bytes_slice(frame_get(frame, TAG_TEXT), 0, POOL_LOG_LINE_BYTES);

    if (invocation == NULL)
        return is_tolerable(crew);
    if (invocation->n_logs == POOL_LOG_LINES) {
        invocation->n_logs_dropped++;
        return is_tolerable(crew);
    }
    if (invocation->logs == NULL)
        invocation->logs = mem_grow(NULL, POOL_LOG_LINES, sizeof(*invocation->logs));
    invocation->logs[invocation->n_logs++] = bytes_of(bytes_copy(text), text.len);
    return true;
}

static bool on_result(struct crew *crew, const struct frame *frame)
{
    struct pool_invocation *invocation = find(crew, frame->invocation);
    uint32_t flags = frame_get_u32(frame, TAG_FLAGS);
    struct pool_result result = {
        .run = RUN_RETURNED,
        .value = frame_get(frame, TAG_VALUE),
        .has_statuses = (flags & RESULT_STATUSES) != 0,
        .is_transform = (flags & RESULT_TRANSFORM) != 0,
        .error_name = frame_get(frame, TAG_ERROR_NAME),
        .error_message = frame_get(frame, TAG_ERROR),
        .error_stack = frame_get(frame, TAG_STACK),
        .error_note = frame_get(frame, TAG_NOTE),
        .line = (int)frame_get_u32(frame, TAG_LINE),
        .column = (int)frame_get_u32(frame, TAG_COLUMN),
        .handler = frame_get(frame, TAG_HANDLER),
    };

    if (invocation == NULL)
        return is_tolerable(crew);
    if (result.value.len > 4 * POOL_VALUE_BYTES)
        return false;
    if (frame_has(frame, TAG_ERROR))
        result.run = (flags & RESULT_NO_HANDLER) != 0 ? RUN_NO_HANDLER : RUN_THREW;
    invocation_end(invocation, &result);
    return true;
}

static bool (*const on_frame[FRAME_N_TYPES])(struct crew *, const struct frame *) = {
    [FRAME_READY] = on_ready, [FRAME_LOADED] = on_loaded, [FRAME_FETCH] = on_fetch,
    [FRAME_LOG] = on_log,     [FRAME_RESULT] = on_result,
};

/* Of whom a runner speaks must have been named to it; those before are forgotten ones. */
static bool is_named(const struct crew *crew, const struct frame *frame)
{
    if (frame->type == FRAME_READY || frame->type == FRAME_LOADED)
        return frame->invocation == 0;
    if (frame->type == FRAME_LOG && frame->invocation == 0)
        return crew->state >= CREW_LOADING;
    return crew->state == CREW_SERVING && frame->invocation != 0 &&
           frame->invocation - crew->first_id <= crew->pool->last_id - crew->first_id;
}

static void take_frames(struct crew *crew)
{
    enum frame_verdict verdict = FRAME_WHOLE;
    struct frame frame;
    size_t cursor = 0;

    while (crew->state != CREW_DYING && verdict == FRAME_WHOLE) {
        verdict = channel_next(&crew->channel, /* from_runner= */ true, &cursor, &frame);
        if (verdict == FRAME_BAD ||
            (verdict == FRAME_WHOLE &&
             (!is_named(crew, &frame) || !on_frame[frame.type](crew, &frame)))) {
            if (crew->state != CREW_DYING)
                referee_end(crew, CREW_CRASHED, 0);
            return;
        }
    }
    channel_forget(&crew->channel, cursor);
}

static enum channel_state hear_once(struct crew *crew)
{
    if (crew->state == CREW_STARTING)
        return channel_receive(&crew->channel);
    return channel_read(&crew->channel);
}

void crew_hear(void *arg, int events)
{
    struct crew *crew = arg;

    if ((events & LOOP_WRITABLE) != 0)
        crew_flush(crew);
    for (int i = 0; i < MAX_READS && crew->state != CREW_DYING; i++) {
        enum channel_state state = hear_once(crew);

        /* What it said before it went counts; its end is told by the pidfd. */
        take_frames(crew);
        if (crew->state == CREW_DYING || state == CHANNEL_WAITING)
            return;
        if (state == CHANNEL_BROKEN) {
            loop_watch_set(&crew->socket_watch, 0);
            child_kill(&crew->child, SIGKILL);
            return;
        }
    }
}
