/* SPDX-License-Identifier: MIT */

/* The report of `fn test` as JUnit's XML, which every build server reads. */

#include "base/err.h"
#include "cli/fn_report.h"
#include "cli/print.h"
#include "sys/disk.h"
#include "trial/fn_case.h"
#include "trial/fn_code.h"
#include "trial/fn_verdict.h"

enum { XML_BYTES = 16 << 20, FILE_MODE = 0644 };

/* Text that may stand in an attribute and between tags; control characters, which XML
 * knows no way to write, become "?". */
static void add_escaped(struct buf *xml, struct bytes text)
{
    cleanup(buf_done) struct buf clean = {0};

    buf_init(&clean, XML_BYTES);
    print_clean(text, &clean);
    for (size_t i = 0; i < clean.len; i++) {
        switch (clean.ptr[i]) {
        case '&':
            buf_add_text(xml, "&amp;");
            break;
        case '<':
            buf_add_text(xml, "&lt;");
            break;
        case '>':
            buf_add_text(xml, "&gt;");
            break;
        case '"':
            buf_add_text(xml, "&quot;");
            break;
        default:
            buf_add_char(xml, clean.ptr[i]);
        }
    }
}

static void add_attribute(struct buf *xml, const char *name, struct bytes value)
{
    buf_addf(xml, " %s=\"", name);
    add_escaped(xml, value);
    buf_add_char(xml, '"');
}

static void add_failure(struct buf *xml, const struct fn_verdict *verdict)
{
    const struct fn_play *play = &verdict->play;
    const struct fn_expect *expect = &verdict->expect;
    const char *message = play->error_message != NULL ? play->error_message
                          : expect->n > 0             ? "not what was expected"
                                                      : "failed";

    buf_add_text(xml, "      <failure");
    add_attribute(xml, "type",
                  bytes_str(play->error_name != NULL ? play->error_name : "Expectation"));
    add_attribute(xml, "message", bytes_str(message));
    buf_add_char(xml, '>');
    for (size_t i = 0; i < expect->n && i < FN_EXPECT_SHOWN; i++) {
        add_escaped(xml, bytes_str(expect->list[i].path));
        buf_add_text(xml, ": want ");
        add_escaped(xml, bytes_str(expect->list[i].want));
        buf_add_text(xml, ", got ");
        add_escaped(xml, bytes_str(expect->list[i].got));
        buf_add_char(xml, '\n');
    }
    buf_add_text(xml, "</failure>\n");
}

static void add_case(struct buf *xml, const struct fn_report *report,
                     const struct fn_verdict *verdict)
{
    buf_add_text(xml, "    <testcase");
    add_attribute(xml, "classname", fn_code_name(report->code));
    add_attribute(xml, "name", bytes_str(verdict->of->name));
    if (verdict->of->path != NULL)
        add_attribute(xml, "file", bytes_str(verdict->of->path));
    buf_addf(xml, " time=\"%.6f\"", (double)verdict->play.duration_us / 1e6);
    if (verdict->color == FN_GREEN) {
        buf_add_text(xml, "/>\n");
        return;
    }
    buf_add_text(xml, ">\n");
    if (verdict->color == FN_RED)
        add_failure(xml, verdict);
    else
        buf_add_text(xml, "      <skipped message=\"event not supported\"/>\n");
    buf_add_text(xml, "    </testcase>\n");
}

int fn_report_junit(const struct fn_report *report, const char *path, struct err *err)
{
    size_t n = report->cases->n;
    cleanup(buf_done) struct buf xml = {0};

    buf_init(&xml, XML_BYTES);
    buf_add_text(&xml, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    buf_addf(&xml, "<testsuites tests=\"%zu\" failures=\"%zu\">\n", n, report->n_failed);
    buf_add_text(&xml, "  <testsuite");
    add_attribute(&xml, "name", bytes_str(report->code->path));
    buf_addf(&xml, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\"", n,
             report->n_failed, report->n_unsupported);
    buf_addf(&xml, " time=\"%.6f\">\n", report->duration_ms / 1e3);
    for (size_t i = 0; i < n; i++)
        add_case(&xml, report, &report->verdicts[i]);
    buf_add_text(&xml, "  </testsuite>\n</testsuites>\n");
    if (xml.full)
        return err_set(err, "the report is larger than %d bytes", XML_BYTES);
    return disk_replace(path, buf_bytes(&xml), FILE_MODE, err);
}
