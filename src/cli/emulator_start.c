/* SPDX-License-Identifier: MIT */

/* emulator start: the local Segment alone, in the foreground. */

#include <poll.h>
#include <unistd.h>

#include "base/err.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "cli/emulator_child.h"
#include "cli/emulator_link.h"
#include "cli/emulator_settings.h"
#include "cli/signals.h"
#include "sys/disk.h"
#include "json/write.h"

enum { JSON_BYTES = 16384, PATH_BYTES = 4096 };

static void print_banner(const struct call *call, const struct emulator_child *child)
{
    const struct print *print = &call->err;
    const char *base = emulator_child_text(child, "SEGMENT_API_URL");
    const char *public_url = emulator_child_text(child, "SEGMENT_PUBLIC_API_URL");
    const char *data = call_given(call, "data");

    if (call->is_quiet)
        return;
    print_styled(print, PRINT_BOLD, "partnerapp %s", PARTNERAPP_VERSION);
    print_text(print,
               " · local Segment: not Segment, nothing leaves this machine\n\n"
               "  Pages          %s/\n"
               "  OAuth          %s/oauth2/auth\n"
               "  Config API     %s/v1beta\n"
               "  Tracking API   %s/v1\n",
               base, base, base, base);
    if (public_url[0] != '\0')
        print_text(print, "  Public API     %s\n", public_url);
    print_text(print,
               "  Client id      %s\n"
               "  Data           %s\n\n"
               "  The secret, and all of this for a client: partnerapp emulator env\n\n",
               emulator_child_text(child, "CLIENT_ID"),
               data != NULL ? data : "in memory; --data DIR keeps it");
    fflush(print->file);
}

/* Without the secrets: what stdout says ends up in logs. */
static void print_json(const struct call *call, const struct emulator_child *child)
{
    static const char *const shown[] = {"SEGMENT_ID_URL",         "SEGMENT_API_URL",
                                        "SEGMENT_APP_URL",        "SEGMENT_TRACKING_URL",
                                        "SEGMENT_PUBLIC_API_URL", "CLIENT_ID",
                                        "PARTNERAPP_CLOCK_URL"};
    cleanup(buf_done) struct buf json = {0};
    struct write write;

    buf_init(&json, JSON_BYTES);
    write_init(&write, &json);
    write_object(&write);
    for (size_t i = 0; i < COUNT(shown); i++) {
        const char *text = emulator_child_text(child, shown[i]);

        write_member_text(&write, shown[i], text[0] != '\0' ? text : NULL);
    }
    write_member_i64(&write, "pid", child->process.pid);
    write_object_end(&write);
    print_record(&call->out, buf_bytes(&json));
}

/* Until a signal: 0. Or until it ends by itself: -1. */
static int wait_for_end(const struct call *call, struct emulator_child *child,
                        int signal_fd, struct err *err)
{
    for (;;) {
        struct pollfd fds[] = {{.fd = signal_fd, .events = POLLIN},
                               {.fd = child->log_fd, .events = POLLIN},
                               {.fd = child->process.pidfd, .events = POLLIN}};

        if (poll(fds, COUNT(fds), -1) < 0)
            continue;
        if (fds[1].revents != 0)
            emulator_child_relay(child, &call->err);
        if (fds[0].revents != 0 && signals_read(signal_fd) != 0)
            return 0;
        if (fds[2].revents != 0) {
            emulator_child_ended(child, err);
            return -1;
        }
    }
}

static int run(struct call *call, struct emulator_child *child, int signal_fd,
               struct err *err)
{
    char path[PATH_BYTES] = "";
    char url[PATH_BYTES];
    const char *data = call_given(call, "data");
    int answer;

    snprintf(url, sizeof(url), "%s\n", emulator_child_text(child, "SEGMENT_API_URL"));
    if (data != NULL && emulator_link_file(data, path, sizeof(path)) &&
        disk_replace(path, bytes_str(url), 0600, err) < 0)
        return -1;
    if (call->wants_json)
        print_json(call, child);
    else
        print_banner(call, child);
    answer = wait_for_end(call, child, signal_fd, err);
    if (path[0] != '\0')
        unlink(path);
    return answer;
}

int emulator_start_run(struct call *call, struct err *err)
{
    struct emulator_child child;
    struct emulator_flags flags;
    int signal_fd = -1;
    int answer;

    if (signals_open(&signal_fd, err) < 0)
        return -1;
    emulator_settings_pass(call, call_number(call, "port"), &flags);
    answer = emulator_child_start(&child, &flags, "partnerapp emulator start --port 8899",
                                  err);
    if (answer == 0) {
        answer = run(call, &child, signal_fd, err);
        emulator_child_stop(&child);
    }
    close(signal_fd);
    return answer;
}
