/* SPDX-License-Identifier: MIT */
#include "js/channel.h"

#include <errno.h>
#include <sys/socket.h>

void channel_init(struct channel *channel, int fd, size_t max_out)
{
    *channel = (struct channel){.fd = fd};
    buf_init(&channel->in, FRAME_BYTES + CHANNEL_READ_BYTES);
    buf_init(&channel->out, max_out);
}

void channel_done(struct channel *channel)
{
    buf_done(&channel->in);
    buf_done(&channel->out);
}

static enum channel_state count_in(struct channel *channel, ssize_t n)
{
    if (n > 0) {
        buf_grew(&channel->in, (size_t)n);
        return n == CHANNEL_READ_BYTES ? CHANNEL_MORE : CHANNEL_WAITING;
    }
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return CHANNEL_WAITING;
    return CHANNEL_BROKEN;
}

enum channel_state channel_read(struct channel *channel)
{
    char *room = buf_room(&channel->in, CHANNEL_READ_BYTES);

    /* A frame never passes FRAME_BYTES, so only who broke that rule fills the buffer. */
    if (room == NULL)
        return CHANNEL_BROKEN;
    return count_in(channel, recv(channel->fd, room, CHANNEL_READ_BYTES, MSG_DONTWAIT));
}

enum channel_state channel_receive(struct channel *channel)
{
    char *room = buf_room(&channel->in, CHANNEL_READ_BYTES);
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(struct ucred))];
    } control = {0};
    struct iovec part = {room, CHANNEL_READ_BYTES};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof(control.bytes)};
    ssize_t n;

    if (room == NULL)
        return CHANNEL_BROKEN;
    n = recvmsg(channel->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (n > 0) {
        const struct cmsghdr *head = CMSG_FIRSTHDR(&message);

        if (head != NULL && head->cmsg_type == SCM_CREDENTIALS) {
            struct ucred who;

            memcpy(&who, CMSG_DATA(head), sizeof(who));
            channel->peer_pid = who.pid;
            channel->has_peer_pid = true;
        }
    }
    return count_in(channel, n);
}

enum channel_state channel_write(struct channel *channel)
{
    ssize_t n;

    if (channel->out.len == 0)
        return CHANNEL_MORE;
    n = send(channel->fd, channel->out.ptr, channel->out.len,
             MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? CHANNEL_WAITING : CHANNEL_BROKEN;
    if ((size_t)n == channel->out.len) {
        buf_clear(&channel->out);
        return CHANNEL_MORE;
    }
    buf_drop_front(&channel->out, (size_t)n);
    return CHANNEL_WAITING;
}

enum frame_verdict channel_next(const struct channel *channel, bool from_runner,
                                size_t *cursor, struct frame *ret_frame)
{
    struct bytes all = buf_bytes(&channel->in);
    size_t len = 0;
    enum frame_verdict verdict =
        frame_decode(bytes_slice(all, *cursor, all.len), from_runner, ret_frame, &len);

    if (verdict == FRAME_WHOLE)
        *cursor += len;
    return verdict;
}

void channel_forget(struct channel *channel, size_t cursor)
{
    if (cursor == channel->in.len)
        buf_clear(&channel->in);
    else if (cursor > 0)
        buf_drop_front(&channel->in, cursor);
}
