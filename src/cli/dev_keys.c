/* SPDX-License-Identifier: MIT */

#include "cli/dev_keys.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "cli/api.h"
#include "cli/call.h"
#include "cli/dev_trace.h"
#include "cli/diagnostic.h"
#include "cli/fixture.h"

enum { URL_MAX = 256 };

void dev_keys_start(struct dev_keys *keys, const struct call *call,
                    struct dev_trace *trace)
{
    struct termios now;

    *keys = (struct dev_keys){.call = call, .trace = trace};
    if (isatty(STDIN_FILENO) != 1 || tcgetattr(STDIN_FILENO, &keys->before) < 0)
        return;
    now = keys->before;
    now.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    now.c_cc[VMIN] = 1;
    now.c_cc[VTIME] = 0;
    keys->is_on = tcsetattr(STDIN_FILENO, TCSANOW, &now) == 0;
}

void dev_keys_stop(struct dev_keys *keys)
{
    if (keys->is_on)
        tcsetattr(STDIN_FILENO, TCSANOW, &keys->before);
    keys->is_on = false;
}

bool dev_keys_has_desktop(void)
{
    bool has_screen = getenv("DISPLAY") != NULL || getenv("WAYLAND_DISPLAY") != NULL;

    return has_screen && getenv("SSH_CONNECTION") == NULL && getenv("CI") == NULL &&
           isatty(STDERR_FILENO) == 1;
}

/* Signals are blocked in us; the browser must not inherit that, nor our terminal. */
void dev_keys_open(const char *base)
{
    char program[] = "xdg-open";
    char target[URL_MAX];
    char *arguments[] = {program, target, NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none;
    pid_t pid;

    snprintf(target, sizeof(target), "%s/api/v1/events", base);
    sigemptyset(&none);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setsigmask(&attributes, &none);
    if (posix_spawnp(&pid, program, &files, &attributes, arguments, environ) != 0)
        pid = 0; /* no desktop tools: the URL is on the screen */
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
}

static void send_test_event(const struct dev_keys *keys)
{
    char url[URL_MAX];
    struct buf event;
    struct api_request request = {.method = "POST", .url = url};
    struct api_answer answer = {0};
    struct err err = {0};

    snprintf(url, sizeof(url), "%s/webhook", keys->trace->base);
    buf_init(&event, FIXTURE_MAX);
    if (fixture_make(BYTES("track"), NULL, 0, &event, &err) == 0) {
        request.body = buf_bytes(&event);
        if (api_send(&request, &answer, &err) == 0 && answer.status >= 300)
            err_set(&err, "the service answered %d", answer.status);
    }
    if (err.text[0] != '\0')
        diagnostic_print(&keys->call->err, &err);
    api_answer_done(&answer);
    buf_done(&event);
}

static void replay_last(const struct dev_keys *keys)
{
    char url[URL_MAX];
    char id[DEV_TRACE_ID];
    char body[URL_MAX];
    struct api_request request = {.method = "POST", .url = url};
    struct api_answer answer = {0};
    struct err err = {0};

    dev_trace_last(keys->trace, id);
    if (id[0] == '\0') {
        call_say(keys->call, "Nothing to replay yet: press t");
        return;
    }
    snprintf(url, sizeof(url), "%s/api/v1/replays", keys->trace->base);
    snprintf(body, sizeof(body), "{\"ids\":[\"%s\"]}", id);
    request.body = bytes_str(body);
    if (api_send(&request, &answer, &err) < 0)
        diagnostic_print(&keys->call->err, &err);
    else if (answer.status >= 300)
        call_say(keys->call, "The service answered %d to the replay", answer.status);
    api_answer_done(&answer);
}

static void print_keys(const struct dev_keys *keys)
{
    call_say(keys->call, "  t send test event   r replay last   e only errors on/off\n"
                         "  o open in the browser   ? this   q quit");
}

bool dev_keys_read(struct dev_keys *keys)
{
    char key = 0;

    if (read(STDIN_FILENO, &key, 1) != 1)
        return false;
    switch (key) {
    case 't':
        send_test_event(keys);
        break;
    case 'r':
        replay_last(keys);
        break;
    case 'e':
        call_say(keys->call,
                 dev_trace_toggle_errors(keys->trace) ? "Only errors" : "Everything");
        break;
    case 'o':
        dev_keys_open(keys->trace->base);
        break;
    case '?':
        print_keys(keys);
        break;
    case 'q':
    case 4: /* Ctrl-D */
        return false;
    default:
        break;
    }
    return true;
}
