/* SPDX-License-Identifier: MIT */

/*
 * hostile_runner - native code in the runner's place, which does everything as the runner
 * does until it is asked to work. What it then does is named by the "source" of its
 * function. The service must lose this runner only.
 */

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "js/channel.h"
#include "js/page.h"
#include "sys/sandbox.h"

enum { SOCKET_FD = 3, PAGE_FD = 4, N_FDS = 5 };

static struct channel channel;
static struct page *page;
static char mode[64];
static uint32_t last_id;

static void send_all(void)
{
    while (channel.out.len > 0) {
        struct pollfd fd = {.fd = SOCKET_FD, .events = POLLOUT};

        if (channel_write(&channel) == CHANNEL_BROKEN)
            _exit(0);
        (void)poll(&fd, 1, 1000);
    }
}

static void end(size_t begun)
{
    if (frame_end(&channel.out, begun) != 0)
        _exit(3);
}

static void say(enum frame_type type, uint32_t id, enum frame_tag tag, const char *text)
{
    size_t begun = frame_begin(&channel.out, type, id);

    if (text != NULL)
        frame_add(&channel.out, tag, bytes_str(text));
    end(begun);
}

static void say_fetch(uint32_t id, uint32_t fetch)
{
    size_t begun = frame_begin(&channel.out, FRAME_FETCH, id);

    frame_add_u32(&channel.out, TAG_FETCH, fetch);
    frame_add(&channel.out, TAG_METHOD, BYTES("GET"));
    frame_add(&channel.out, TAG_URL, BYTES("http://127.0.0.1/"));
    end(begun);
}

static void raw(struct bytes bytes)
{
    if (buf_add(&channel.out, bytes) != 0)
        _exit(3);
}

static void magic(void)
{
    raw(BYTES("this is no frame, and never was one."));
}

static void zeros(void)
{
    raw(BYTES("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"));
}

static void length(void)
{
    raw(BYTES("PSJ1\x09\0\0\0\1\0\0\0\xff\xff\xff\xff"));
}

static void trailing(void)
{
    raw(BYTES("PSJ1\x09\0\0\0\1\0\0\0\3\0\0\0"
              "abc"));
}

static void down_type(void)
{
    say(FRAME_CANCEL, last_id, TAG_NONE, NULL);
}

static void ready_twice(void)
{
    say(FRAME_READY, 0, TAG_NONE, NULL);
}

static void loaded_twice(void)
{
    say(FRAME_LOADED, 0, TAG_GENERATION, "functions");
}

static void unknown_invocation(void)
{
    say(FRAME_RESULT, last_id + 1000, TAG_VALUE, "1");
}

static void no_invocation(void)
{
    say(FRAME_RESULT, 0, TAG_VALUE, "1");
}

static void fetch_twice(void)
{
    say_fetch(last_id, 1);
    say_fetch(last_id, 1);
}

static void too_many_fetches(void)
{
    for (uint32_t i = 1; i < 40; i++)
        say_fetch(last_id, i);
}

static void leave(void)
{
    _exit(0);
}

static void trap(void)
{
    __builtin_trap();
}

static void open_socket(void)
{
    (void)!socket(AF_INET, SOCK_STREAM, 0);
}

static void flood(void)
{
    for (;;) {
        say(FRAME_LOG, last_id, TAG_TEXT, "flood");
        if (channel.out.len > 1 << 20)
            send_all();
    }
}

static void lie_about_work(void)
{
    for (;;)
        page_enter(page, last_id + 7, 0);
}

static void lie(uint32_t invocation, int64_t entered_us)
{
    page_enter(page, invocation, entered_us);
    (void)poll(NULL, 0, -1);
}

static void lie_about_the_past(void)
{
    lie(last_id, INT64_MIN);
}

static void lie_about_the_future(void)
{
    lie(last_id, INT64_MAX);
}

static void lie_about_rest(void)
{
    for (;;)
        ;
}

static void resize_the_page(void)
{
    (void)!ftruncate(PAGE_FD, 0);
}

static void send_descriptors(void)
{
    struct msghdr message = {0};

    (void)!sendmsg(SOCKET_FD, &message, 0);
}

/* As fast as native code can; the page says that it rests. */
static void swell(void)
{
    enum { STEP = 1 << 20 };

    for (;;) {
        char *more =
            mmap(NULL, STEP, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (more == MAP_FAILED)
            _exit(4);
        memset(more, 1, STEP);
    }
}

static void swell_at_rest(void)
{
    say(FRAME_RESULT, last_id, TAG_VALUE, "1");
    send_all();
    swell();
}

static void be_deaf(void)
{
    (void)poll(NULL, 0, -1);
}

static const struct {
    const char *mode;
    void (*act)(void);
} acts[] = {
    {"magic", magic},
    {"zeros", zeros},
    {"length", length},
    {"trailing", trailing},
    {"down type", down_type},
    {"ready twice", ready_twice},
    {"loaded twice", loaded_twice},
    {"unknown invocation", unknown_invocation},
    {"no invocation", no_invocation},
    {"fetch id twice", fetch_twice},
    {"too many fetches", too_many_fetches},
    {"exit", leave},
    {"trap", trap},
    {"socket", open_socket},
    {"log flood", flood},
    {"lies about work", lie_about_work},
    {"deaf", be_deaf},
    {"lies about the past", lie_about_the_past},
    {"lies about the future", lie_about_the_future},
    {"lies about rest", lie_about_rest},
    {"resizes the page", resize_the_page},
    {"sends descriptors", send_descriptors},
    {"swells", swell},
    {"swells at rest", swell_at_rest},
};

static void misbehave(void)
{
    for (size_t i = 0; i < COUNT(acts); i++)
        if (strcmp(mode, acts[i].mode) == 0)
            acts[i].act();
    send_all();
}

static void obey(const struct frame *frame)
{
    struct bytes source;

    switch (frame->type) {
    case FRAME_LOAD:
        source = frame_get(frame, TAG_SOURCE);
        memcpy(mode, source.ptr, source.len < sizeof(mode) ? source.len : 0);
        say(FRAME_LOADED, 0, TAG_GENERATION, "functions");
        send_all();
        return;
    case FRAME_INVOKE:
        last_id = frame->invocation;
        misbehave();
        return;
    case FRAME_NONE:
    case FRAME_ANSWER:
    case FRAME_CANCEL:
    case FRAME_READY:
    case FRAME_LOADED:
    case FRAME_FETCH:
    case FRAME_LOG:
    case FRAME_RESULT:
    case FRAME_N_TYPES:
        return;
    }
}

static void live(void)
{
    for (;;) {
        struct pollfd fd = {.fd = SOCKET_FD, .events = POLLIN};
        struct frame frame;
        size_t cursor = 0;

        (void)poll(&fd, 1, -1);
        if (channel_read(&channel) == CHANNEL_BROKEN)
            _exit(0);
        while (channel_next(&channel, false, &cursor, &frame) == FRAME_WHOLE)
            obey(&frame);
        channel_forget(&channel, cursor);
    }
}

/* READY as it should be, with descriptors beside it that nobody asked for: what the
 * filter forbids is done before it. */
static void say_ready(unsigned layers)
{
    enum { N_GIFTS = 8 };
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(N_GIFTS * sizeof(int))];
    } control = {0};
    struct buf *out = &channel.out;
    size_t begun = frame_begin(out, FRAME_READY, 0);
    struct iovec part;
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof(control.bytes)};
    int gifts[N_GIFTS] = {0};

    frame_add_u32(out, TAG_LAYERS, layers);
    end(begun);
    part = (struct iovec){out->ptr, out->len};
    control.head.cmsg_level = SOL_SOCKET;
    control.head.cmsg_type = SCM_RIGHTS;
    control.head.cmsg_len = CMSG_LEN(sizeof(gifts));
    memcpy(CMSG_DATA(&control.head), gifts, sizeof(gifts));
    if (sendmsg(SOCKET_FD, &message, 0) != (ssize_t)out->len)
        _exit(5);
    buf_clear(out);
}

int main(void)
{
    struct err err = {0};
    unsigned layers = 0;
    unsigned filter = SANDBOX_SECCOMP;

    page = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, PAGE_FD, 0);
    if (page == MAP_FAILED || sandbox_early(N_FDS, &layers, &err) < 0)
        return 1;
    channel_init(&channel, SOCKET_FD, 64 << 20);
    say_ready(layers | filter);
    if (sandbox_late(&layers, &err) < 0)
        return 1;
    live();
}
