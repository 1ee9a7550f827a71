/* SPDX-License-Identifier: MIT */

/*
 * Which lines a runner reached, told by somebody else: a runner in its sandbox can write
 * no file, and it ends by kill -9. It is part of the runner where coverage is measured
 * (b_coverage) and nowhere else.
 *
 * Before main() the static variables, and so the counters, move to memory that is shared
 * with a process that is started here and does nothing but wait. When the runner has
 * ended, that process writes the counters, as exit() would have done.
 */

#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* The linker's, around the variables that begin as zero; and gcc's. */
extern char __bss_start[];
extern char _end[];
void __gcov_dump(void);

static int share_variables(void)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    const uintptr_t from = (uintptr_t)__bss_start & ~(page - 1);
    const size_t size = (((uintptr_t)_end + page - 1) & ~(page - 1)) - from;
    void *shared =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (shared == MAP_FAILED)
        return -1;
    memcpy(shared, (const void *)from, size);
    return mremap(shared, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)from) ==
                   MAP_FAILED
               ? -1
               : 0;
}

/* Keeps no descriptor: who reads from the runner waits for an end of file. */
static void witness(int pidfd)
{
    struct pollfd end = {.events = POLLIN};

    (void)setsid();
    if (dup2(pidfd, 0) < 0 || close_range(1, ~0u, 0) < 0)
        return;
    while (poll(&end, 1, -1) != 1)
        ;
    __gcov_dump();
}

/* A grandchild, so that the runner has no child that it does not know. */
__attribute__((constructor)) static void start_witness(void)
{
    int pidfd = pidfd_open(getpid(), 0);
    pid_t child = -1;

    if (pidfd >= 0 && share_variables() == 0)
        child = fork();
    if (child == 0) {
        if (fork() == 0)
            witness(pidfd);
        _exit(0);
    }
    if (child > 0)
        (void)waitpid(child, NULL, 0);
    close(pidfd);
}
