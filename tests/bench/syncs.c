/* SPDX-License-Identifier: MIT */

/*
 * syncs - counts fsync() and fdatasync() of the program before which it is loaded
 * (LD_PRELOAD), in the first eight bytes of the file that BENCH_SYNCS names. Children
 * that inherit both count in the same file. It costs an atomic addition a sync.
 */

#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Atomic uint64_t *count;

__attribute__((constructor)) static void begin(void)
{
    const char *name = getenv("BENCH_SYNCS");
    int fd = name != NULL ? open(name, O_RDWR | O_CLOEXEC) : -1;

    if (fd < 0)
        return;
    void *page = mmap(NULL, sizeof(*count), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (page != MAP_FAILED)
        count = page;
    close(fd);
}

static void add(void)
{
    if (count != NULL)
        atomic_fetch_add_explicit(count, 1, memory_order_relaxed);
}

/* Under names of their own here: libc's declarations name the parameters otherwise. */
int syncs_fsync(int fd) __asm__("fsync");
int syncs_fdatasync(int fd) __asm__("fdatasync");

int syncs_fsync(int fd)
{
    add();
    return (int)syscall(SYS_fsync, fd);
}

int syncs_fdatasync(int fd)
{
    add();
    return (int)syscall(SYS_fdatasync, fd);
}
