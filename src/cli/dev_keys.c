/* SPDX-License-Identifier: MIT */

#include "cli/dev_keys.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "cli/api.h"
#include "cli/browser.h"
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

void dev_keys_open(const char *base)
{
    char target[URL_MAX];

    snprintf(target, sizeof(target), "%s/", base);
    browser_open(target);
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
