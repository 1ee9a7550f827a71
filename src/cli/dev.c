/* SPDX-License-Identifier: MIT */

/* dev: everything on this machine, for somebody who sits in front of it. */

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "cli/api.h"
#include "cli/browser.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "cli/dev_hello.h"
#include "cli/dev_keys.h"
#include "cli/dev_segment.h"
#include "cli/dev_trace.h"
#include "cli/setup.h"
#include "cli/signals.h"
#include "service/service.h"
#include "sys/core_dump.h"
#include "sys/disk.h"

/* Of the 8 s that a stop may take; the rest is for what is in flight to be written. */
enum { GRACE_MS = 7000, PATH_BYTES = 4096, PORT_LAST = 65535 };

/* One run of `dev`. */
struct dev {
    struct call *call;
    const char *data;
    bool has_segment; /* the local one; else Segment's own servers are meant */
    struct dev_segment segment;
    char function[PATH_BYTES]; /* of the first subscription; "" when it has none */
    char endpoint[512];
    struct dev_trace trace;
    struct dev_keys keys;
    struct service *service;
};

/* A port nobody listens on now. The configuration needs a number before we can listen:
 * the sink's URL stands in it. */
static int free_port(int *ret_port, struct err *err)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0)
        return err_sys(err, "socket");
    if (bind(fd, (const struct sockaddr *)&address, len) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) < 0) {
        close(fd);
        return err_sys(err, "find a free port");
    }
    close(fd);
    *ret_port = ntohs(address.sin_port);
    return 0;
}

/* --port into the configuration; without the flag its default (or PORT) holds. */
static int set_port(const struct call *call, struct setup *setup, struct err *err)
{
    int port = (int)call_number(call, "port");

    if (!call_has(call, "port"))
        return 0;
    if (call_number(call, "port") > PORT_LAST)
        return err_code(err, "PA7003", ERR_USAGE, "--port is at most %d", PORT_LAST);
    if (port == 0 && free_port(&port, err) < 0)
        return -1;
    setup_flag(setup, "server.public=127.0.0.1:%d", port);
    return 0;
}

/* Nobody may work in a folder that is about to vanish. */
static int check_unused(const char *data, struct err *err)
{
    pid_t holder = 0;
    int fd = -1;
    int answer = disk_lock(data, &fd, &holder, err);

    if (fd >= 0)
        close(fd);
    if (answer != DISK_LOCKED)
        return answer;
    err_code(err, "PA1021", ERR_CONFLICT,
             "the data folder %s is in use by another partnerapp (pid %d)", data,
             (int)holder);
    return err_help(err, "stop it first, or name another folder: --data DIR");
}

/* Has a dev been here? One that could not start has left the local Segment's part. */
static bool is_ours(const char *data)
{
    static const char *const signs[] = {"partnerapp.db", "segment/emulator.db"};
    char path[PATH_BYTES];

    for (size_t i = 0; i < COUNT(signs); i++) {
        snprintf(path, sizeof(path), "%s/%s", data, signs[i]);
        if (disk_exists(path))
            return true;
    }
    return false;
}

/* --fresh removes only what is ours. */
static int make_fresh(const char *data, struct err *err)
{
    if (!disk_exists(data))
        return 0;
    if (!is_ours(data)) {
        if (rmdir(data) == 0)
            return 0;
        err_code(err, "PA6020", ERR_CONFLICT,
                 "%s is not empty and holds no partnerapp.db: not removed", data);
        return err_help(err, "name another folder: --data DIR");
    }
    if (check_unused(data, err) < 0)
        return -1;
    return disk_remove_tree(data, err);
}

static int use_function(struct config *config, const char *file, struct err *err)
{
    cleanup(freep) char *absolute = realpath(file, NULL);

    if (absolute == NULL) {
        err_sys(err, "%s", file);
        err->exit_code = ERR_NOT_FOUND;
        return -1;
    }
    if (config->n_subscriptions > 0)
        config->subscriptions[0].function = arena_text(&config->arena, absolute);
    return 0;
}

/* The first start in an empty folder makes the function that the defaults name. */
static int make_hello(const struct dev *dev, const struct config *config, struct err *err)
{
    for (size_t i = 0; i < config->n_subscriptions; i++) {
        const char *function = config->subscriptions[i].function;
        bool is_written = false;

        if (function == NULL || !bytes_ends(bytes_str(function), BYTES(DEV_HELLO_PATH)))
            continue;
        if (dev_hello_write(function, &is_written, err) < 0)
            return -1;
        if (is_written)
            call_say(dev->call, "created %s", DEV_HELLO_PATH);
    }
    return 0;
}

static int load(struct dev *dev, struct config **ret_config, struct err *err)
{
    struct setup setup;
    const char *file = call_given(dev->call, "function");
    struct config *config = NULL;
    int answer = setup_read(&setup, dev->call, /* is_dev= */ true, err);

    if (answer == 0)
        answer = set_port(dev->call, &setup, err);
    if (answer == 0)
        answer = setup_load(&setup, dev->call, &config);
    dev->has_segment = !call_has(dev->call, "real") && !setup_has(&setup, "segment.");
    setup_done(&setup);
    if (answer == 0 && file != NULL)
        answer = use_function(config, file, err);
    if (answer == 0)
        answer = make_hello(dev, config, err);
    if (answer != 0) {
        config_free(config);
        return answer;
    }
    *ret_config = config;
    return 0;
}

static void warn_before(const struct dev *dev, const struct config *config)
{
    const struct call *call = dev->call;

    if (call_has(call, "real"))
        print_styled(
            &call->err, PRINT_YELLOW,
            "--real: Segment's own servers are meant. Who presses Enable with Segment "
            "changes a real workspace.\n");
    else if (dev->has_segment && secret_is_set(&config->app.client_id) && !call->is_quiet)
        print_text(&call->err, "CLIENT_ID was seen and is not used: dev stays on this "
                               "machine (partnerapp dev --real)\n");
}

/* "hello" of "functions/hello/index.js". */
static struct bytes function_name(const char *path)
{
    struct bytes left = bytes_str(path);
    struct bytes name = BYTES("");
    struct bytes part = BYTES("");

    while (left.len > 0) {
        name = part;
        part = bytes_take_until(&left, '/');
    }
    if (bytes_starts(part, BYTES("index.")) && name.len > 0)
        return name;
    return bytes_slice(part, 0, bytes_index(part, '.'));
}

static void remember(struct dev *dev, const struct config *config)
{
    const struct config_subscription *first = config->subscriptions;

    if (config->n_subscriptions == 0)
        return;
    if (first->function != NULL)
        snprintf(dev->function, sizeof(dev->function), "%s", first->function);
    snprintf(dev->trace.subscription, sizeof(dev->trace.subscription), "%s", first->name);
    snprintf(dev->trace.function, sizeof(dev->trace.function), "%.*s",
             BYTES_FMT(function_name(dev->function)));
    if (first->endpoint != NULL)
        snprintf(dev->endpoint, sizeof(dev->endpoint), "%s", first->endpoint);
}

/* Before it would be started in vain: who has the folder is the better answer. */
static int start_segment(struct dev *dev, struct config *config, struct err *err)
{
    if (!dev->has_segment)
        return 0;
    if (disk_exists(dev->data) && check_unused(dev->data, err) < 0)
        return -1;
    return dev_segment_start(&dev->segment, dev->call, dev->data, config, err);
}

static int start(struct dev *dev, struct err *err)
{
    char runner[PATH_BYTES];
    struct config *config = NULL;
    struct service_options options = {
        .is_dev = true,
        .data = dev->data,
        .runner = runner,
        .notice_fn = dev_trace_notice,
        .notice_arg = &dev->trace,
    };
    int answer;

    core_dump_forbid();
    answer = load(dev, &config, err);
    if (answer != 0)
        return answer;
    warn_before(dev, config);
    remember(dev, config);
    setup_log(config, dev->call, CONFIG_LOG_WARN);
    snprintf(dev->trace.base, sizeof(dev->trace.base), "http://localhost:%d",
             config->server.public_address.port);
    if (setup_runner(runner, sizeof(runner), err) < 0 ||
        start_segment(dev, config, err) < 0) {
        config_free(config);
        return -1;
    }
    options.config = config;
    options.clock_url =
        dev->has_segment ? dev_segment_clock_url(&dev->segment) : setup_clock_url();
    return service_start(&options, &dev->service, err);
}

static const char *shown_path(const char *path)
{
    char folder[PATH_BYTES];
    size_t len;

    if (getcwd(folder, sizeof(folder)) == NULL)
        return path;
    len = strlen(folder);
    return strncmp(path, folder, len) == 0 && path[len] == '/' ? path + len + 1 : path;
}

static void print_row(const struct print *print, const char *title, struct bytes name,
                      const char *value, const char *note)
{
    print_text(print, "  %-10s %-7.*s %-33s %s\n", title, BYTES_FMT(name), value, note);
}

static void print_segment(const struct dev *dev)
{
    const struct print *print = &dev->call->err;

    if (dev->has_segment)
        print_text(print,
                   "  Segment emulator     %s/   OAuth, Config API, Tracking API\n"
                   "  Send as a customer   partnerapp trigger track --via emulator\n\n",
                   dev_segment_url(&dev->segment));
    else
        print_text(print, "  Segment emulator     not started: %s\n\n",
                   call_has(dev->call, "real") ? "--real"
                                               : "segment: in the configuration");
}

static void print_banner(const struct dev *dev)
{
    char sink_url[PATH_BYTES];
    const struct print *print = &dev->call->err;
    const char *base = dev->trace.base;
    const char *sink = strstr(dev->endpoint, "/sink/");

    if (dev->call->is_quiet)
        return;
    print_styled(print, PRINT_BOLD, "partnerapp %s", PARTNERAPP_VERSION);
    print_text(print,
               " · dev mode: everything stays on this machine\n\n"
               "  Console              %s/\n"
               "  Send events to       %s/webhook\n"
               "  Enable with Segment  %s/auth/segment\n",
               base, base, base);
    print_segment(dev);
    if (dev->function[0] != '\0')
        print_row(print, "Function", function_name(dev->function),
                  shown_path(dev->function), "reloads when you save");
    if (sink != NULL) {
        snprintf(sink_url, sizeof(sink_url), "%s%s", base, sink);
        print_row(print, "Delivers", BYTES("sink"), sink_url, "built-in request bin");
    } else if (dev->endpoint[0] != '\0') {
        print_row(print, "Delivers", BYTES("to"), dev->endpoint, "");
    }
    print_row(print, "Data", BYTES(""), dev->data, "--fresh starts over");
    if (dev->keys.is_on)
        print_text(print,
                   "\n  t send test event   r replay last   e only errors   o open   "
                   "? more   q quit\n");
    print_text(print, "\n");
    fflush(print->file);
}

static void look_at_segment(struct dev *dev, const struct pollfd *log,
                            const struct pollfd *end)
{
    if (log->revents != 0)
        dev_segment_relay(&dev->segment);
    if (end->revents != 0)
        dev_segment_ended(&dev->segment);
}

/* Until a signal or q: 0. Or until the service cannot go on: -1. */
static int wait_for_end(struct dev *dev, int signal_fd, struct err *err)
{
    for (;;) {
        struct pollfd fds[] = {
            {.fd = signal_fd, .events = POLLIN},
            {.fd = service_failure_fd(dev->service), .events = POLLIN},
            {.fd = dev->keys.is_on ? STDIN_FILENO : -1, .events = POLLIN},
            {.fd = dev_segment_log_fd(&dev->segment), .events = POLLIN},
            {.fd = dev_segment_end_fd(&dev->segment), .events = POLLIN},
        };

        if (poll(fds, COUNT(fds), -1) < 0)
            continue;
        if (fds[1].revents != 0) {
            service_failure(dev->service, err);
            return -1;
        }
        if (fds[0].revents != 0 && signals_read(signal_fd) != 0)
            return 0;
        if (fds[2].revents != 0 && !dev_keys_read(&dev->keys))
            return 0;
        look_at_segment(dev, &fds[3], &fds[4]);
    }
}

static void stop(struct dev *dev)
{
    struct service_summary summary = {0};

    service_stop(dev->service, GRACE_MS, &summary);
    dev_keys_stop(&dev->keys);
    call_say(dev->call,
             "Stopped. %lld events in, %lld delivered, %lld waiting. Data kept in %s",
             (long long)summary.n_accepted, (long long)summary.n_delivered,
             (long long)summary.n_waiting, dev->data);
}

static int run_until_end(struct dev *dev, int signal_fd, struct err *err)
{
    const struct call *call = dev->call;
    int answer;

    dev_keys_start(&dev->keys, call, &dev->trace);
    print_banner(dev);
    dev_trace_started(&dev->trace);
    if (!call_has(call, "no-open") && browser_has_desktop())
        dev_keys_open(dev->trace.base);
    answer = wait_for_end(dev, signal_fd, err);
    stop(dev);
    return answer;
}

/* Whoever holds the folder has left its address there. */
static void tell_where(const struct dev *dev, struct err *err)
{
    struct api api;

    if (strcmp(err->code, "PA1021") == 0 && api_open(&api, dev->call, NULL) == 0 &&
        api.is_announced)
        err_help(err, "it runs already: %s/", api.base);
}

int dev_run(struct call *call, struct err *err)
{
    struct dev dev = {.call = call, .data = setup_data(call, /* is_dev= */ true)};
    int signal_fd = -1;
    int answer;

    if (call_has(call, "fresh") && make_fresh(dev.data, err) < 0)
        return -1;
    if (signals_open(&signal_fd, err) < 0)
        return -1;
    dev_trace_init(&dev.trace, &call->err, call->is_quiet);
    answer = start(&dev, err);
    if (answer == 0)
        answer = run_until_end(&dev, signal_fd, err);
    else if (answer < 0)
        tell_where(&dev, err);
    /* Last: what is in flight may still want to ask it. */
    dev_segment_stop(&dev.segment);
    dev_trace_done(&dev.trace);
    close(signal_fd);
    return answer == SETUP_BROKEN ? (int)ERR_CONFIG : answer;
}
