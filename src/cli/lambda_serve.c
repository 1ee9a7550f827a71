/* SPDX-License-Identifier: MIT */

/* lambda serve: a Lambda service for one function, in the foreground. */

#include <unistd.h>

#include "base/err.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "cli/lambda_host.h"
#include "cli/lambda_show.h"
#include "cli/signals.h"
#include "sys/loop.h"
#include "json/write.h"

enum { URL_BYTES = 512, JSON_BYTES = 4096, PORT_LAST = 65535, MOST_ENVIRONMENTS = 1000 };

static void make_url(const char *listen_host, int port, char ret_url[URL_BYTES])
{
    const bool is_v6 = strchr(listen_host, ':') != NULL;

    snprintf(ret_url, URL_BYTES, "http://%s%s%s:%d", is_v6 ? "[" : "", listen_host,
             is_v6 ? "]" : "", port);
}

/* --- what is said at the start ------------------------------------------------------ */

static void print_json(const struct call *call, const char *url, int port)
{
    cleanup(buf_done) struct buf json = {0};
    struct write write;

    buf_init(&json, JSON_BYTES);
    write_init(&write, &json);
    write_object(&write);
    write_member_text(&write, "event", "listening");
    write_member_text(&write, "url", url);
    write_member_i64(&write, "port", port);
    write_member_i64(&write, "pid", getpid());
    write_object_end(&write);
    print_record(&call->out, buf_bytes(&json));
}

static void print_banner(const struct call *call, const struct lambda_host *host,
                         const struct host_options *options, const char *url)
{
    const struct print *print = &call->err;
    const char *name =
        options->function_name != NULL ? options->function_name : "function";
    cleanup(buf_done) struct buf shown = {0};

    if (call->is_quiet)
        return;
    buf_init(&shown, FN_CODE_PATH);
    print_clean(bytes_str(host->shown), &shown);
    print_styled(print, PRINT_BOLD, "partnerapp %s", PARTNERAPP_VERSION);
    print_text(print,
               " · local Lambda: not AWS, nothing leaves this machine\n\n"
               "  Invoke API      %s/2015-03-31/functions/%s/invocations\n"
               "  Runs            %s\n"
               "  Try it          curl -d '{\"type\":\"track\",\"event\":\"Test\","
               "\"userId\":\"u-1\"}' \\\n"
               "                    %s/2015-03-31/functions/%s/invocations\n"
               "  Local Segment   curl -X PUT http://127.0.0.1:8889/_emulator/"
               "subscription -d \\\n"
               "                    '{\"kind\":\"lambda\",\"invoke_url\":\"%s\","
               "\"arn\":\"%s\"}'\n",
               url, name, buf_text(&shown), url, name, url, name);
    if (options->role != NULL || options->external_id != NULL)
        print_text(print,
                   "  Role            only who assumed it may invoke; AssumeRole is "
                   "answered at %s\n",
                   url);
    print_text(print, "\n");
    fflush(print->file);
}

/* --- its run ------------------------------------------------------------------------ */

struct stop {
    struct loop *loop;
    int signal_fd;
};

static void on_signal(void *arg, int events)
{
    const struct stop *stop = arg;

    (void)events;
    if (signals_read(stop->signal_fd) != 0)
        loop_stop(stop->loop);
}

static int run(struct call *call, struct lambda_host *host,
               const struct host_options *options, int signal_fd)
{
    struct stop stop = {host->loop, signal_fd};
    char url[URL_BYTES];
    struct loop_watch watch;

    make_url(options->listen_host, host_port(host->host), url);
    if (call->wants_json)
        print_json(call, url, host_port(host->host));
    else
        print_banner(call, host, options, url);
    loop_watch_init(&watch, host->loop, signal_fd, on_signal, &stop);
    loop_watch_set(&watch, LOOP_READABLE);
    loop_run(host->loop);
    loop_watch_done(&watch);
    return 0;
}

static bool is_loopback(const char *host)
{
    return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0 ||
           strcmp(host, "localhost") == 0;
}

static int check(const struct call *call, struct err *err)
{
    const char *host = call_text(call, "host");

    if (call_has(call, "function") == call_has(call, "command")) {
        err_code(err, "PA7003", ERR_USAGE,
                 call_has(call, "function")
                     ? "--function and --command: one of them is what is served"
                     : "what is to be served? --function or --command says it");
        err_help(err, "partnerapp lambda serve --function hello");
        return err_help(err, "partnerapp lambda serve --command 'node index.js'");
    }
    if (call_has(call, "command") && call_given(call, "command")[0] == '\0')
        return err_code(err, "PA7003", ERR_USAGE, "--command is empty");
    if (call_number(call, "port") > PORT_LAST)
        return err_code(err, "PA7003", ERR_USAGE, "--port is at most %d", PORT_LAST);
    if (call_number(call, "concurrency") < 1 ||
        call_number(call, "concurrency") > MOST_ENVIRONMENTS)
        return err_code(err, "PA7003", ERR_USAGE, "--concurrency is 1 to %d",
                        MOST_ENVIRONMENTS);
    if (call_number(call, "memory") < 1 || call_number(call, "memory") > 10240)
        return err_code(err, "PA7003", ERR_USAGE, "--memory is 1 to 10240 (MB)");
    if (is_loopback(host) || call_has(call, "i-know"))
        return 0;
    err_code(err, "PA7003", ERR_USAGE,
             "whoever reaches the local Lambda runs the function with your rights, so it "
             "does not listen on %s",
             host);
    return err_help(err, "--i-know listens there all the same");
}

/* The listener's own help names another command. */
static void name_command(struct err *err)
{
    if (strcmp(err->code, "PA1020") != 0)
        return;
    err->help[0] = '\0';
    err_help(err, "partnerapp lambda serve --port 0, which takes any free one");
}

int lambda_serve_run(struct call *call, struct err *err)
{
    struct lambda_host host = {0};
    struct host_options options = {
        .listen_host = call_text(call, "host"),
        .port = (int)call_number(call, "port"),
        .notice_fn = lambda_show_notice,
        .arg = call,
    };
    int signal_fd = -1;
    int answer;

    if (check(call, err) < 0 || signals_open(&signal_fd, err) < 0)
        return -1;
    answer = lambda_host_start(&host, call, call_given(call, "function"),
                               call_given(call, "command"), &options, err);
    if (answer == 0)
        answer = run(call, &host, &options, signal_fd);
    else
        name_command(err);
    lambda_host_stop(&host);
    close(signal_fd);
    return answer;
}
