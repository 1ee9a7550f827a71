/* SPDX-License-Identifier: MIT */

#include "cli/fn_report.h"

#include "base/err.h"
#include "base/shell_word.h"
#include "cli/call.h"
#include "cli/diagnostic.h"
#include "cli/fn_again.h"
#include "trial/fn_case.h"
#include "trial/fn_code.h"
#include "trial/fn_fault.h"
#include "trial/fn_verdict.h"
#include "json/write.h"

enum { JSON_BYTES = 64 << 20, NAME_NARROWEST = 42, NAME_WIDEST = 66, TEXT_BYTES = 4096 };

static const struct {
    const char *mark;
    enum print_style style;
} looks[] = {
    [FN_RED] = {"✖", PRINT_RED},
    [FN_YELLOW] = {"–", PRINT_YELLOW},
    [FN_GREEN] = {"✔", PRINT_GREEN},
};

static void add_part(struct buf *text, size_t n, const char *what)
{
    if (n > 0)
        buf_addf(text, "%s%zu %s", text->len > 0 ? ", " : "", n, what);
}

void fn_report_head(const struct fn_report *report)
{
    const struct print *out = &report->call->out;
    const struct fn_cases *cases = report->cases;
    struct bytes name = fn_code_name(report->code);
    size_t n_suite = fn_cases_count(cases, FN_CASE_SUITE);
    cleanup(buf_done) struct buf parts = {0};

    buf_init(&parts, TEXT_BYTES);
    add_part(&parts, n_suite,
             n_suite == 1 ? "case from the Developer Center suite"
                          : "cases from the Developer Center suite");
    add_part(&parts, fn_cases_count(cases, FN_CASE_EXTRA), "beyond it");
    add_part(&parts, fn_cases_count(cases, FN_CASE_BATCH), "batch");
    add_part(&parts, fn_cases_count(cases, FN_CASE_OWN), "of its own");
    print_styled(out, PRINT_BOLD, "%.*s", BYTES_FMT(name));
    print_text(out, " · %s · %s\n\n", report->code->path,
               parts.len > 0 ? buf_text(&parts) : "nothing to test");
}

/* "no onGroup", where nobody wrote the handler. */
static const char *why_unsupported(const struct fn_verdict *verdict, struct buf *text)
{
    const char *type = verdict->of->type;

    if (verdict->play.run == RUN_NO_HANDLER && type[0] != '\0')
        buf_addf(text, "EventNotSupported (no on%c", type[0]);
    else
        buf_add_text(text, "EventNotSupported (thrown");
    for (size_t i = 1;
         verdict->play.run == RUN_NO_HANDLER && type[0] != '\0' && type[i] != '\0'; i++)
        buf_add_char(text, (char)(type[i] | 0x20));
    buf_add_char(text, ')');
    return buf_text(text);
}

static void print_differences(const struct print *out, const struct fn_expect *expect)
{
    size_t n = expect->n < FN_EXPECT_SHOWN ? expect->n : FN_EXPECT_SHOWN;

    for (size_t i = 0; i < n; i++) {
        cleanup(buf_done) struct buf got = {0};

        buf_init(&got, TEXT_BYTES);
        print_clean(bytes_str(expect->list[i].got), &got);
        print_text(out, "        %s\n", expect->list[i].path);
        print_text(out, "          want  ");
        print_styled(out, PRINT_GREEN, "%s\n", expect->list[i].want);
        print_text(out, "          got   ");
        print_styled(out, PRINT_RED, "%s\n", buf_text(&got));
    }
    if (expect->n > n)
        print_text(out, "        … and %zu more differences\n", expect->n - n);
}

/* A test is a file that `fn run` takes as well, but for its answers and requests; all
 * others are known by their numbers. */
static void add_again(const struct fn_report *report, const struct fn_case *of,
                      struct buf *again)
{
    /* What makes a run the same; --strict only judges it. */
    static const char *const loading[] = {"generation", "allow-eval", "settings",
                                          "live",       "config",     NULL};
    const char *given = report->code->wish.given;

    if (of->path != NULL && of->answers == NULL && of->entry != POOL_REQUEST) {
        buf_add_text(again, "partnerapp fn run ");
        shell_word(bytes_str(given), again);
        buf_add_text(again, " --event ");
        shell_word(bytes_str(of->path), again);
        fn_again_flags(report->call, loading, again);
        return;
    }
    buf_add_text(again, "partnerapp fn test ");
    shell_word(bytes_str(given), again);
    buf_addf(again, " --only %u", of->number);
    fn_again_flags(report->call, loading, again);
}

static void print_failure(const struct fn_report *report,
                          const struct fn_verdict *verdict)
{
    const struct fn_play *play = &verdict->play;
    cleanup(buf_done) struct buf again = {0};
    struct err err = {0};

    buf_init(&again, sizeof(err.help) / 2);
    add_again(report, verdict->of, &again);
    print_differences(&report->call->out, &verdict->expect);
    if (play->error_message != NULL) {
        struct fn_fault fault = fn_play_fault(play, again.full ? NULL : buf_text(&again));

        fn_fault_describe(&fault, report->code->path, buf_bytes(&report->code->source),
                          &err);
        diagnostic_print(&report->call->out, &err);
    }
}

/* Wide enough for every name, within reason. */
static size_t name_columns(const struct fn_cases *cases)
{
    size_t columns = NAME_NARROWEST;

    for (size_t i = 0; i < cases->n; i++) {
        size_t width = print_width(bytes_str(cases->list[i].name));

        if (width > columns && width <= NAME_WIDEST)
            columns = width;
    }
    return columns;
}

void fn_report_line(const struct fn_report *report, const struct fn_verdict *verdict)
{
    const struct print *out = &report->call->out;
    const struct fn_case *of = verdict->of;
    size_t width = print_width(bytes_str(of->name));
    size_t columns = name_columns(report->cases);
    cleanup(buf_done) struct buf text = {0};

    buf_init(&text, TEXT_BYTES);
    print_text(out, "  ");
    print_styled(out, looks[verdict->color].style, "%s %d", looks[verdict->color].mark,
                 verdict->status);
    print_text(out, "  %-9s %s%*s  ", of->type, of->name,
               (int)(width < columns ? columns - width : 0), "");
    if (verdict->color == FN_YELLOW) {
        print_text(out, "%s\n", why_unsupported(verdict, &text));
    } else {
        print_duration(verdict->play.duration_us, &text);
        print_text(out, "%s\n", buf_text(&text));
    }
    if (verdict->color == FN_RED)
        print_failure(report, verdict);
    fflush(out->file);
}

void fn_report_end(const struct fn_report *report)
{
    const struct print *out = &report->call->out;

    print_text(out, "\n");
    if (report->n_failed == 0 && report->n_unsupported == 0)
        print_styled(out, PRINT_GREEN, "All tests passed (%zu).\n", report->n_passed);
    else
        print_styled(out, report->n_failed > 0 ? PRINT_RED : PRINT_YELLOW,
                     "%zu passed, %zu not supported, %zu failed\n", report->n_passed,
                     report->n_unsupported, report->n_failed);
    fflush(out->file);
}

void fn_report_json(const struct fn_report *report)
{
    struct buf json;
    struct write write;

    buf_init(&json, JSON_BYTES);
    write_init(&write, &json);
    write_object(&write);
    write_member_bool(&write, "ok", report->n_failed == 0);
    write_member_string(&write, "function", fn_code_name(report->code));
    write_member_text(&write, "path", report->code->path);
    write_member_text(&write, "generation", report->code->generation);
    write_member_i64(&write, "passed", (int64_t)report->n_passed);
    write_member_i64(&write, "unsupported", (int64_t)report->n_unsupported);
    write_member_i64(&write, "failed", (int64_t)report->n_failed);
    write_key(&write, "duration_ms");
    write_double(&write, report->duration_ms);
    write_key(&write, "cases");
    write_array(&write);
    for (size_t i = 0; i < report->cases->n; i++)
        fn_verdict_write(&report->verdicts[i], &write);
    write_array_end(&write);
    write_object_end(&write);
    print_record(&report->call->out, buf_bytes(&json));
    buf_done(&json);
}
