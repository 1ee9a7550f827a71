/* SPDX-License-Identifier: MIT */

#include "cli/dev_trace.h"

#include "base/mem.h"
#include "cli/diagnostic.h"

enum {
    LINE_MAX_BYTES = 4096,
    HELD_MAX = 64,
    TIME_COLUMNS = 12,
    SYMBOL_COLUMNS = 5,
    NAME_COLUMNS = 9,
    WHAT_COLUMNS = 28,
    EXTRA_COLUMNS = 20,
    WIDE = 100,  /* from here on all fields */
    NARROW = 72, /* below: no names */
};

/* One line, before it is cut to the terminal's width. */
struct line {
    const char *symbol;
    enum print_style style;
    const char *name;
    struct buf what;
    struct buf extra;
    int64_t duration_us; /* 0: none */
};

struct held {
    struct list_link link;
    char event_id[DEV_TRACE_ID];
    int64_t wall_ms;
    char *name;
    struct line line;
};

static void held_free(struct held *held)
{
    free(held->name);
    buf_done(&held->line.what);
    buf_done(&held->line.extra);
    free(held);
}

void dev_trace_init(struct dev_trace *trace, const struct print *print, bool is_quiet)
{
    *trace = (struct dev_trace){.print = print, .is_quiet = is_quiet};
    pthread_mutex_init(&trace->mutex, NULL);
}

void dev_trace_done(struct dev_trace *trace)
{
    struct list_link *link;

    while ((link = list_pop(&trace->held)) != NULL)
        held_free(list_entry(link, struct held, link));
    pthread_mutex_destroy(&trace->mutex);
}

void dev_trace_started(struct dev_trace *trace)
{
    pthread_mutex_lock(&trace->mutex);
    trace->is_started = true;
    pthread_mutex_unlock(&trace->mutex);
}

bool dev_trace_toggle_errors(struct dev_trace *trace)
{
    bool only_errors;

    pthread_mutex_lock(&trace->mutex);
    trace->only_errors = !trace->only_errors;
    only_errors = trace->only_errors;
    pthread_mutex_unlock(&trace->mutex);
    return only_errors;
}

void dev_trace_last(struct dev_trace *trace, char ret_id[DEV_TRACE_ID])
{
    pthread_mutex_lock(&trace->mutex);
    memcpy(ret_id, trace->last_event, DEV_TRACE_ID);
    pthread_mutex_unlock(&trace->mutex);
}

static void add_padded(struct buf *out, struct bytes text, size_t columns)
{
    struct bytes shown = print_cut(text, columns);

    buf_add(out, shown);
    for (size_t width = print_width(shown); width < columns + 1; width++)
        buf_add_char(out, ' ');
}

/* What is left of the terminal's width behind the columns before. */
static size_t columns_left(const struct print *print, size_t n_before)
{
    size_t columns = (size_t)print->columns;

    if (columns == 0)
        return LINE_MAX_BYTES;
    return columns > n_before ? columns - n_before : 0;
}

static void add_name(const struct print *print, const char *name, struct buf *out)
{
    cleanup(buf_done) struct buf clean = {0};

    if (print->columns < NARROW)
        return;
    buf_init(&clean, LINE_MAX_BYTES);
    print_clean(bytes_str(name), &clean);
    add_padded(out, buf_bytes(&clean), NAME_COLUMNS);
}

static void add_rest(const struct print *print, const struct line *line, struct buf *out)
{
    size_t before = TIME_COLUMNS + SYMBOL_COLUMNS + print_width(buf_bytes(out));
    bool has_duration = print->columns >= WIDE && line->duration_us > 0;

    if (line->extra.len == 0 && !has_duration) {
        buf_add(out, print_cut(buf_bytes(&line->what), columns_left(print, before)));
        return;
    }
    add_padded(out, buf_bytes(&line->what), WHAT_COLUMNS);
    before += WHAT_COLUMNS + 1;
    if (has_duration) {
        add_padded(out, buf_bytes(&line->extra), EXTRA_COLUMNS);
        print_duration(line->duration_us, out);
    } else {
        buf_add(out, print_cut(buf_bytes(&line->extra), columns_left(print, before)));
    }
}

static void print_line(const struct dev_trace *trace, int64_t wall_ms,
                       const struct line *line)
{
    const struct print *print = trace->print;
    cleanup(buf_done) struct buf out = {0};

    buf_init(&out, LINE_MAX_BYTES);
    print_time(print, wall_ms, &out);
    print_styled(print, PRINT_DIM, "%s", buf_text(&out));
    print_styled(print, line->style, "  %s  ", line->symbol);
    buf_clear(&out);
    add_name(print, line->name, &out);
    add_rest(print, line, &out);
    print_text(print, "%.*s\n", BYTES_FMT(bytes_trim(buf_bytes(&out))));
}

static void describe_request(const struct service_notice *notice, struct line *line)
{
    bool is_good = notice->status >= 200 && notice->status < 300;

    line->symbol = is_good ? "✔" : "✖";
    line->style = is_good ? PRINT_GREEN : PRINT_RED;
    if (notice->attempts_allowed > 0)
        buf_addf(&line->extra, "attempt %u of %u", notice->attempt,
                 notice->attempts_allowed);
}

static void describe_settled(const struct service_notice *notice, struct line *line)
{
    bool is_retrying = strcmp(notice->state, "retrying") == 0;

    line->symbol = is_retrying ? "↻" : "✖";
    line->style = is_retrying ? PRINT_YELLOW : PRINT_RED;
    line->duration_us = 0; /* the reason needs the room */
    buf_clear(&line->what);
    print_clean(bytes_str(notice->state), &line->what);
    line->name = notice->subscription;
    if (is_retrying) {
        buf_add_text(&line->extra, "next in ");
        print_duration(notice->next_in_ms * 1000, &line->extra);
    } else {
        print_clean(bytes_str(notice->detail), &line->extra);
    }
}

/* "handlers: 5 of 7 (no onAlias onDelete)" */
static void describe_handlers(struct bytes handlers, struct buf *text)
{
    static const char *const known[] = {"onIdentify", "onTrack", "onPage",  "onScreen",
                                        "onGroup",    "onAlias", "onDelete"};
    cleanup(buf_done) struct buf missing = {0};
    size_t n_missing = 0;

    buf_init(&missing, LINE_MAX_BYTES);
    for (size_t i = 0; i < COUNT(known); i++) {
        if (bytes_find(handlers, bytes_str(known[i])) < handlers.len)
            continue;
        buf_addf(&missing, " %s", known[i]);
        n_missing++;
    }
    if (n_missing == COUNT(known)) {
        print_clean(handlers, text); /* transformEvent, onBatch */
        return;
    }
    buf_addf(text, "handlers: %zu of %zu", COUNT(known) - n_missing, COUNT(known));
    if (n_missing > 0)
        buf_addf(text, " (no%s)", buf_text(&missing));
}

static void describe_install(const struct service_notice *notice, struct line *line)
{
    const bool is_step = strcmp(notice->text, "install") == 0;

    line->symbol = notice->status != 0 ? "✖" : is_step ? "⚿" : "✔";
    line->style = notice->status != 0 ? PRINT_RED : is_step ? PRINT_BLUE : PRINT_GREEN;
    print_clean(bytes_str(notice->state), &line->extra);
}

/* False when this kind makes no line here. */
static bool describe(const struct service_notice *notice, struct line *line)
{
    line->name = notice->text;
    line->duration_us = notice->duration_us;
    print_clean(bytes_str(notice->detail), &line->what);
    switch (notice->kind) {
    case NOTICE_RECEIVED:
        line->symbol = "→";
        line->style = PRINT_BLUE;
        line->name = notice->subscription;
        buf_clear(&line->what);
        print_clean(bytes_str(notice->text), &line->what);
        if (notice->detail != NULL && notice->detail[0] != '\0') {
            buf_add_text(&line->what, " \"");
            print_clean(bytes_str(notice->detail), &line->what);
            buf_add_text(&line->what, "\"");
        }
        buf_add_text(&line->extra, "accepted");
        return true;
    case NOTICE_FUNCTION:
        line->symbol = "ƒ";
        line->style = PRINT_BLUE;
        return true;
    case NOTICE_REQUEST:
        describe_request(notice, line);
        return true;
    case NOTICE_SETTLED:
        describe_settled(notice, line);
        return true;
    case NOTICE_RELOADED:
        line->symbol = "✔";
        line->style = PRINT_GREEN;
        line->name = notice->subscription;
        buf_clear(&line->what);
        buf_addf(&line->what, "reloaded, version %lld", (long long)notice->number);
        describe_handlers(bytes_str(notice->detail), &line->extra);
        return true;
    case NOTICE_RELOAD_FAILED:
        line->symbol = "✖";
        line->style = PRINT_RED;
        line->name = notice->subscription;
        buf_clear(&line->what);
        if (notice->number > 0)
            buf_addf(&line->what, "not reloaded; version %lld keeps running",
                     (long long)notice->number);
        else
            buf_add_text(&line->what, "not loaded; events wait until it is good");
        return true;
    case NOTICE_INSTALL:
        describe_install(notice, line);
        return true;
    case NOTICE_ENDPOINT_DOWN:
    case NOTICE_ENDPOINT_UP:
    case NOTICE_RECOVERED:
    case NOTICE_NONE:
        break;
    }
    return false;
}

/* Told in a sentence, on a terminal and elsewhere. */
static bool tell_sentence(const struct dev_trace *trace,
                          const struct service_notice *notice)
{
    struct buf text;

    buf_init(&text, LINE_MAX_BYTES);
    print_clean(bytes_str(notice->text), &text);
    switch (notice->kind) {
    case NOTICE_ENDPOINT_DOWN:
        print_styled(trace->print, PRINT_YELLOW, "warning[PA4001]");
        print_text(trace->print, ": %s does not answer; deliveries wait, none is lost\n",
                   buf_text(&text));
        break;
    case NOTICE_ENDPOINT_UP:
        print_text(trace->print, "%s is back\n", buf_text(&text));
        break;
    case NOTICE_RECOVERED:
        if (notice->number > 0)
            print_text(trace->print,
                       "Recovered %lld deliver%s that waited when the process stopped.\n",
                       (long long)notice->number, notice->number == 1 ? "y" : "ies");
        break;
    case NOTICE_NONE:
    case NOTICE_RECEIVED:
    case NOTICE_FUNCTION:
    case NOTICE_REQUEST:
    case NOTICE_SETTLED:
    case NOTICE_RELOADED:
    case NOTICE_RELOAD_FAILED:
    case NOTICE_INSTALL:
        buf_done(&text);
        return false;
    }
    buf_done(&text);
    return true;
}

static bool is_error(const struct service_notice *notice)
{
    bool is_request = notice->kind == NOTICE_REQUEST;
    bool is_settled = notice->kind == NOTICE_SETTLED;

    if (is_request)
        return notice->status < 200 || notice->status >= 300;
    if (is_settled)
        return strcmp(notice->state, "delivered") != 0;
    return notice->kind == NOTICE_RELOAD_FAILED || notice->kind == NOTICE_ENDPOINT_DOWN;
}

/* The names that people see elsewhere, in the banner and in their own files. */
static const char *shown_name(const struct dev_trace *trace,
                              const struct service_notice *notice,
                              const struct line *line)
{
    const char *host = strstr(trace->base, "//");
    bool is_of_function = notice->kind == NOTICE_FUNCTION ||
                          notice->kind == NOTICE_RELOADED ||
                          notice->kind == NOTICE_RELOAD_FAILED;

    if (is_of_function && trace->function[0] != '\0' && notice->subscription != NULL &&
        strcmp(notice->subscription, trace->subscription) == 0)
        return trace->function;
    if (notice->kind == NOTICE_REQUEST && host != NULL && notice->detail != NULL &&
        strcmp(line->name, host + 2) == 0 && strstr(notice->detail, " /sink/") != NULL)
        return "sink";
    return line->name;
}

static void print_held(struct dev_trace *trace, struct held *held)
{
    list_remove(&trace->held, &held->link);
    print_line(trace, held->wall_ms, &held->line);
    held_free(held);
}

static void release(struct dev_trace *trace, const char *event_id)
{
    struct list_link *link = trace->held.first;

    while (link != NULL) {
        struct held *held = list_entry(link, struct held, link);

        link = link->next;
        if (event_id != NULL && strcmp(held->event_id, event_id) == 0)
            print_held(trace, held);
    }
}

/* Takes the texts of @line. */
static void hold(struct dev_trace *trace, const struct service_notice *notice,
                 struct line *line)
{
    struct held *held = mem_new(struct held);

    snprintf(held->event_id, sizeof(held->event_id), "%s", notice->event_id);
    held->wall_ms = notice->wall_ms;
    held->line = *line;
    held->name = mem_text(line->name);
    held->line.name = held->name;
    line->what = (struct buf){0};
    line->extra = (struct buf){0};
    list_push(&trace->held, &held->link);
    if (trace->held.n_links > HELD_MAX)
        print_held(trace, list_entry(trace->held.first, struct held, link));
}

static void print_notice(struct dev_trace *trace, const struct service_notice *notice)
{
    int64_t wall_ms = notice->wall_ms;
    struct line line = {0};

    buf_init(&line.what, LINE_MAX_BYTES);
    buf_init(&line.extra, LINE_MAX_BYTES);
    if (describe(notice, &line)) {
        line.name = shown_name(trace, notice, &line);
        if (notice->kind == NOTICE_FUNCTION)
            wall_ms -= notice->duration_us / 1000;
        if (notice->kind == NOTICE_REQUEST && notice->event_id != NULL)
            hold(trace, notice, &line);
        else
            print_line(trace, wall_ms, &line);
    }
    buf_done(&line.what);
    buf_done(&line.extra);
}

static void print_on_terminal(struct dev_trace *trace,
                              const struct service_notice *notice)
{
    bool is_settled = notice->kind == NOTICE_SETTLED;

    if (is_settled)
        release(trace, notice->event_id);
    if (trace->only_errors && !is_error(notice))
        return;
    if (tell_sentence(trace, notice))
        return;
    if (!is_settled || strcmp(notice->state, "delivered") != 0)
        print_notice(trace, notice);
    if (notice->kind == NOTICE_FUNCTION)
        release(trace, notice->event_id);
    if (is_settled && notice->event_id != NULL) {
        print_styled(trace->print, PRINT_DIM, "                 %s/events/%s",
                     trace->base, notice->event_id);
        print_text(trace->print, "\n");
    }
}

/* For a file or a pipe: what became of it, one line, whole id. */
static void print_plain(const struct dev_trace *trace,
                        const struct service_notice *notice)
{
    struct buf text;

    if (notice->kind != NOTICE_SETTLED && notice->kind != NOTICE_RELOADED &&
        notice->kind != NOTICE_RELOAD_FAILED && notice->kind != NOTICE_INSTALL) {
        tell_sentence(trace, notice);
        return;
    }
    if (trace->only_errors && !is_error(notice))
        return;
    buf_init(&text, LINE_MAX_BYTES);
    print_time(trace->print, notice->wall_ms, &text);
    if (notice->kind == NOTICE_SETTLED)
        buf_addf(&text, " %s %s %s attempt %u of %u ", notice->state, notice->event_id,
                 notice->subscription, notice->attempt, notice->attempts_allowed);
    else if (notice->kind == NOTICE_INSTALL)
        buf_addf(&text, " %s %s: ", notice->text, notice->state);
    else
        buf_addf(&text, " %s %s ",
                 notice->kind == NOTICE_RELOADED ? "reloaded" : "not reloaded:",
                 notice->text != NULL ? notice->text : "");
    print_clean(bytes_str(notice->detail), &text);
    print_text(trace->print, "%.*s\n", BYTES_FMT(bytes_trim(buf_bytes(&text))));
    buf_done(&text);
}

void dev_trace_notice(void *arg, const struct service_notice *notice)
{
    struct dev_trace *trace = arg;

    pthread_mutex_lock(&trace->mutex);
    if (notice->kind == NOTICE_RECEIVED && notice->event_id != NULL)
        snprintf(trace->last_event, sizeof(trace->last_event), "%s", notice->event_id);
    if (!trace->is_quiet && (trace->is_started || notice->kind != NOTICE_RELOADED)) {
        if (trace->print->is_terminal)
            print_on_terminal(trace, notice);
        else
            print_plain(trace, notice);
        if (notice->kind == NOTICE_RELOAD_FAILED && notice->err != NULL)
            diagnostic_print(trace->print, notice->err);
        fflush(trace->print->file);
    }
    pthread_mutex_unlock(&trace->mutex);
}
