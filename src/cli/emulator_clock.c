/* SPDX-License-Identifier: MIT */

/* emulator clock: stop, move and speed up the local Segment's time. */

#include <stdlib.h>

#include "base/err.h"
#include "base/time_text.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "cli/emulator_link.h"
#include "json/json.h"
#include "json/write.h"

enum { TEXT_MAX = 4096, RATE_MOST = 1000000 };

static int wrong_arguments(struct err *err)
{
    err_code(err, "PA7004", ERR_USAGE,
             "partnerapp emulator clock wants show, advance TIME, freeze, resume or "
             "rate N");
    return err_help(err, "partnerapp emulator clock -h");
}

static int write_advance(const char *by, struct write *write, struct err *err)
{
    int64_t by_ms;

    if (!time_text_parse_duration(bytes_str(by), &by_ms))
        return err_code(err, "PA7003", ERR_USAGE,
                        "advance wants a time such as 30s, 5m or 2h; not `%s`", by);
    write_member_i64(write, "advance", by_ms);
    return 0;
}

static int write_rate(const char *text, struct write *write, struct err *err)
{
    char *end;
    const double rate = strtod(text, &end);

    if (end == text || *end != '\0' || !(rate >= 0 && rate <= RATE_MOST))
        return err_code(err, "PA7003", ERR_USAGE,
                        "rate wants a number from 0 (frozen) to %d; not `%s`",
                        (int)RATE_MOST, text);
    write_key(write, "rate");
    write_double(write, rate);
    return 0;
}

/* What the arguments ask for; an empty object: only to look. */
static int write_wish(const struct call *call, struct write *write, struct err *err)
{
    const char *verb = call_arg(call, 0) != NULL ? call_arg(call, 0) : "show";
    const char *value = call_arg(call, 1);

    if (value != NULL && strcmp(verb, "advance") == 0)
        return write_advance(value, write, err);
    if (value != NULL && strcmp(verb, "rate") == 0)
        return write_rate(value, write, err);
    if (value != NULL)
        return wrong_arguments(err);
    if (strcmp(verb, "freeze") == 0 || strcmp(verb, "resume") == 0)
        write_member_bool(write, "frozen", strcmp(verb, "freeze") == 0);
    else if (strcmp(verb, "show") != 0)
        return wrong_arguments(err);
    return 0;
}

static void print_clock(const struct call *call, const struct json *clock)
{
    cleanup(buf_done) struct buf text = {0};

    if (call->wants_json) {
        buf_init(&text, TEXT_MAX);
        json_print(clock, /* indented= */ false, &text);
        print_record(&call->out, buf_bytes(&text));
        return;
    }
    print_text(&call->out, "%.*s", BYTES_FMT(json_string(json_get(clock, "now"))));
    if (json_bool(json_get(clock, "frozen")))
        print_text(&call->out, "  frozen; go on: partnerapp emulator clock resume\n");
    else
        print_text(&call->out, "  rate %g\n", json_double(json_get(clock, "rate")));
}

int emulator_clock_run(struct call *call, struct err *err)
{
    cleanup(json_freep) struct json *clock = NULL;
    cleanup(buf_done) struct buf body = {0};
    struct emulator_link link;
    struct write write;

    buf_init(&body, TEXT_MAX);
    write_init(&write, &body);
    write_object(&write);
    if (write_wish(call, &write, err) < 0)
        return -1;
    write_object_end(&write);
    if (emulator_link_open(&link, call, err) < 0 ||
        emulator_link_ask(
            &link, body.len > strlen("{}") ? "POST" : "GET", "/_emulator/clock",
            body.len > strlen("{}") ? buf_bytes(&body) : BYTES(""), &clock, err) < 0)
        return -1;
    print_clock(call, clock);
    return 0;
}
