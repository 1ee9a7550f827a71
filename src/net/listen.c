/* SPDX-License-Identifier: MIT */

#include "net/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "net/peer.h"
#include "net/port_owner.h"

static void freeaddrinfop(struct addrinfo **info)
{
    if (*info != NULL)
        freeaddrinfo(*info);
}

static int port_of(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address = {.v6 = {0}};
    socklen_t len = sizeof(address);

    if (getsockname(fd, &address.any, &len) < 0)
        return -1;
    return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port
                                                   : address.v4.sin_port);
}

static int taken(int port, struct err *err)
{
    struct port_owner owner;

    if (port_owner_find(port, &owner) == PORT_OWNER_FOUND)
        err_code(err, "PA1020", ERR_CONFLICT, "port %d is taken by %s (pid %d)", port,
                 owner.name, (int)owner.pid);
    else
        err_code(err, "PA1020", ERR_CONFLICT,
                 "port %d is taken by a process of another user", port);
    return err_help(err, "partnerapp dev --port 8898");
}

static int bind_to(int fd, const struct addrinfo *info, int port, struct err *err)
{
    const int on = 1;

    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    /* With SO_REUSEADDR two sockets may both be bound; it is listen that then refuses. */
    if (bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0)
        return 0;
    if (errno == EADDRINUSE)
        return taken(port, err);
    return err_sys(err, "listen on port %d", port);
}

int listen_open(const char *host, int port, int *ret_fd, int *ret_port, struct err *err)
{
    cleanup(freeaddrinfop) struct addrinfo *info = NULL;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    char service[16];

    snprintf(service, sizeof(service), "%d", port);
    int r = getaddrinfo(host, service, &hints, &info);
    if (r != 0)
        return err_set(err, "listen on %s: %s", host, gai_strerror(r));

    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return err_sys(err, "listen on %s", host);
    if (bind_to(fd, info, port, err) < 0) {
        close(fd);
        return -1;
    }
    *ret_fd = fd;
    *ret_port = port_of(fd);
    return 0;
}

void listen_address(int fd, char ret_text[LISTEN_TEXT_LEN])
{
    struct sockaddr_storage address = {0};
    socklen_t len = sizeof(address);
    char text[PEER_TEXT_LEN] = "";

    if (getsockname(fd, (struct sockaddr *)&address, &len) == 0) {
        struct peer peer = peer_of((const struct sockaddr *)&address);

        peer_text(&peer, text);
    }
    snprintf(ret_text, LISTEN_TEXT_LEN, "%s", text);
}

static bool is_listener(int fd)
{
    int type = 0;
    int accepts = 0;
    socklen_t len = sizeof(int);

    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) < 0 || type != SOCK_STREAM)
        return false;
    len = sizeof(int);
    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &len) == 0 && accepts != 0;
}

int listen_adopt(int fd, int *ret_port, struct err *err)
{
    int flags = fcntl(fd, F_GETFL);

    if (flags < 0 || !is_listener(fd))
        return err_set(err, "descriptor %d that was handed over is no listening socket",
                       fd);
    if (fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
        fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 || listen(fd, SOMAXCONN) < 0)
        return err_sys(err, "listen on the socket that was handed over");
    *ret_port = port_of(fd);
    return 0;
}
