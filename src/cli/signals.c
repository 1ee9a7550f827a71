/* SPDX-License-Identifier: MIT */

#include "cli/signals.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/err.h"

static int open_for(const int *numbers, size_t n_numbers, int *ret_fd, struct err *err)
{
    sigset_t set;
    int fd;

    sigemptyset(&set);
    for (size_t i = 0; i < n_numbers; i++)
        sigaddset(&set, numbers[i]);
    if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
        return err_sys(err, "block signals");
    fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0)
        return err_sys(err, "signalfd");
    *ret_fd = fd;
    return 0;
}

int signals_open(int *ret_fd, struct err *err)
{
    const int numbers[] = {SIGINT, SIGTERM, SIGHUP};

    return open_for(numbers, COUNT(numbers), ret_fd, err);
}

int signals_open_service(int *ret_fd, struct err *err)
{
    const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR2};

    return open_for(numbers, COUNT(numbers), ret_fd, err);
}

int signals_read_source(int fd, bool *ret_by_terminal)
{
    struct signalfd_siginfo info;

    *ret_by_terminal = false;
    if (read(fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
        return 0;
    *ret_by_terminal = info.ssi_code == SI_KERNEL;
    return (int)info.ssi_signo;
}

int signals_read(int fd)
{
    bool is_by_terminal;

    return signals_read_source(fd, &is_by_terminal);
}
