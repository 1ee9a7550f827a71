/* SPDX-License-Identifier: MIT */

/*
 * attempts - native code inside the sandbox tries to get out, one process per attempt.
 *
 * One process gives up its power exactly as the runner does, up to the filter; each of
 * its children takes the filter and makes one attempt, which must be killed or refused. A
 * success is a failure of the test. The counts are printed. A few attempts that must
 * succeed show that the test could see one.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attempts.h"
#include "base/err.h"
#include "sys/sandbox.h"

enum { SUCCEEDED = 0, REFUSED = 77, NOT_BOXED = 78 };

static char page[4096] __attribute__((aligned(4096)));
static char *const no_arguments[] = {NULL};

/* What the filter lets through, whole or in part: a copy on purpose, so that a call that
 * is added there is added here too, by somebody who thought about it. */
static const long allowed[] = {
    SYS_read,
    SYS_write,
    SYS_recvfrom,
    SYS_sendto,
    SYS_pread64,
    SYS_lseek,
    SYS_poll,
    SYS_ppoll,
    SYS_futex,
    SYS_madvise,
    SYS_munmap,
    SYS_mremap,
    SYS_brk,
    SYS_mmap,
    SYS_mprotect,
    SYS_clone,
    SYS_rseq,
    SYS_sched_yield,
    SYS_tgkill,
    SYS_set_robust_list,
    SYS_clock_gettime,
    SYS_clock_nanosleep,
    SYS_getrandom,
    SYS_sched_getaffinity,
    SYS_gettid,
    SYS_getpid,
    SYS_getrusage,
    SYS_sysinfo,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_rt_sigsuspend,
    SYS_restart_syscall,
    SYS_close,
    SYS_exit,
    SYS_exit_group,
    SYS_gettimeofday,
    SYS_sigaltstack,
};

static const char *const paths[] = {
    "/",
    ".",
    "..",
    "/etc/passwd",
    "/etc/shadow",
    "/dev/null",
    "/dev/mem",
    "/dev/kvm",
    "/dev/urandom",
    "/proc/self/mem",
    "/proc/self/exe",
    "/proc/self/environ",
    "/proc/self/fd/2",
    "/proc/1/root",
    "/proc/1/mem",
    "/proc/kcore",
    "/proc/sysrq-trigger",
    "/proc/sys/kernel/core_pattern",
    "/sys/kernel",
    "/run/docker.sock",
};

enum { N_CALLS = 548, X32 = 0x40000000, N_FDS = 1024 };

struct tally {
    unsigned n, n_killed, n_refused, n_wrong;
};

static bool is_allowed(long number)
{
    for (size_t i = 0; i < COUNT(allowed); i++)
        if (allowed[i] == number)
            return true;
    return false;
}

static void noreturn_fn try(const struct attempt *attempt)
{
    const long *a = attempt->arguments;
    struct err err = {0};
    unsigned layers = 0;

    if (sandbox_late(&layers, &err) < 0)
        _exit(NOT_BOXED);
    _exit(syscall(attempt->number, a[0], a[1], a[2], a[3], a[4], a[5]) < 0 ? REFUSED
                                                                           : SUCCEEDED);
}

/* Adds how process @pid ended; @want is what its attempt should have got. */
static void judge(struct tally *tally, pid_t pid, const char *text, enum want want)
{
    int status = 0;
    bool is_killed, is_through, is_refused;

    if (pid < 0 || waitpid(pid, &status, 0) < 0)
        _exit(1);
    /* SIGILL is the kernel's own answer to uretprobe(2), which no filter is asked about.
     */
    is_killed =
        WIFSIGNALED(status) && (WTERMSIG(status) == SIGSYS || WTERMSIG(status) == SIGILL);
    is_through = WIFEXITED(status) && WEXITSTATUS(status) == SUCCEEDED;
    is_refused = WIFEXITED(status) && WEXITSTATUS(status) == REFUSED;
    tally->n++;
    tally->n_killed += is_killed;
    tally->n_refused += is_refused;
    if (is_through == (want == WANT_YES) && (is_killed || is_refused || is_through))
        return;
    tally->n_wrong++;
    printf("%s: got status 0x%x, want %s\n", text, (unsigned)status,
           want == WANT_YES ? "success" : "killed or refused");
}

static void play(struct tally *tally, const struct attempt *attempt)
{
    pid_t pid;

    (void)fflush(stdout);
    pid = fork();
    if (pid == 0)
        try(attempt);
    judge(tally, pid, attempt->text, attempt->want);
}

static void play_call(struct tally *tally, const char *what, long number,
                      const long arguments[6])
{
    char text[80];
    struct attempt attempt = {.text = text, .number = number};

    snprintf(text, sizeof(text), "%s: call %ld(%ld, %ld, %ld, %ld)", what, number,
             arguments[0], arguments[1], arguments[2], arguments[3]);
    memcpy(attempt.arguments, arguments, sizeof(attempt.arguments));
    play(tally, &attempt);
}

#define PLAY(tally, what, number, ...)                                                   \
    play_call((tally), (what), (number), (const long[6]){__VA_ARGS__})

static void try_table(struct tally *tally)
{
    for (size_t i = 0; i < n_named_attempts; i++)
        play(tally, &named_attempts[i]);
}

/* Every number there is, and some that there are not, with arguments of four kinds. */
static void try_every_call(struct tally *tally)
{
    const long p = P(page);

    for (long number = 0; number < N_CALLS; number++) {
        if (is_allowed(number))
            continue;
        PLAY(tally, "zeros", number, 0, 0, 0, 0, 0, 0);
        PLAY(tally, "ones", number, 1, 1, 1, 1, 1, 1);
        PLAY(tally, "minus ones", number, -1, -1, -1, -1, -1, -1);
        PLAY(tally, "pointers", number, p, p, p, p, p, p);
    }
}

/* The same processor's other doors: its second table, and the 32-bit one. */
static void try_other_tables(struct tally *tally)
{
    for (long number = 0; number < N_CALLS; number++)
        PLAY(tally, "x32", X32 + number, 0, 0, 0, 0, 0, 0);
}

static void noreturn_fn try_old_gate(int number)
{
    struct err err = {0};
    unsigned layers = 0;
    int answer = number;

    if (sandbox_late(&layers, &err) < 0)
        _exit(NOT_BOXED);
    __asm__ volatile("int $0x80" : "+a"(answer) : "b"(0), "c"(0), "d"(0) : "memory");
    _exit(answer < 0 ? REFUSED : SUCCEEDED);
}

static void try_old_gates(struct tally *tally)
{
    for (int number = 0; number < 64; number++) {
        char text[40];
        pid_t pid = fork();

        if (pid == 0)
            try_old_gate(number);
        snprintf(text, sizeof(text), "int 0x80: call %d", number);
        judge(tally, pid, text, WANT_NO);
    }
}

static void try_paths(struct tally *tally)
{
    static long how[3] = {O_RDONLY};

    for (size_t i = 0; i < COUNT(paths); i++) {
        long path = P(paths[i]);

        PLAY(tally, paths[i], SYS_open, path, O_RDONLY, 0, 0, 0, 0);
        PLAY(tally, paths[i], SYS_open, path, O_WRONLY | O_TRUNC, 0, 0, 0, 0);
        PLAY(tally, paths[i], SYS_open, path, O_PATH, 0, 0, 0, 0);
        PLAY(tally, paths[i], SYS_openat, AT_FDCWD, path, O_RDWR, 0, 0, 0);
        PLAY(tally, paths[i], SYS_openat, 3, path, O_DIRECTORY, 0, 0, 0);
        PLAY(tally, paths[i], SYS_openat, AT_FDCWD, path, O_TMPFILE | O_RDWR, 0600, 0, 0);
        PLAY(tally, paths[i], SYS_openat2, AT_FDCWD, path, P(how), sizeof(how), 0, 0);
        PLAY(tally, paths[i], SYS_creat, path, 0600, 0, 0, 0, 0);
        PLAY(tally, paths[i], SYS_readlink, path, P(page), sizeof(page), 0, 0, 0);
        PLAY(tally, paths[i], SYS_execve, path, P(no_arguments), P(no_arguments), 0, 0,
             0);
    }
}

static void try_memory_that_runs(struct tally *tally)
{
    static const long flags[] = {MAP_PRIVATE | MAP_ANONYMOUS,
                                 MAP_SHARED | MAP_ANONYMOUS,
                                 MAP_PRIVATE,
                                 MAP_SHARED,
                                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
                                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN,
                                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT,
                                 MAP_SHARED_VALIDATE | MAP_ANONYMOUS};
    const long code = P(&try_memory_that_runs) & ~4095L;

    for (long prot = PROT_EXEC; prot < 2 * PROT_EXEC; prot++) {
        for (size_t i = 0; i < COUNT(flags); i++)
            PLAY(tally, "mmap", SYS_mmap, P(page), 4096, prot, flags[i], 0, 0);
        PLAY(tally, "mprotect", SYS_mprotect, P(page), 4096, prot, 0, 0, 0);
        PLAY(tally, "mprotect", SYS_mprotect, code, 4096, prot, 0, 0, 0);
        PLAY(tally, "mprotect", SYS_mprotect, P(page), 4096, prot | PROT_GROWSDOWN, 0, 0,
             0);
        PLAY(tally, "mprotect", SYS_mprotect, P(page), 4096, prot | (1L << 32), 0, 0, 0);
        PLAY(tally, "pkey_mprotect", SYS_pkey_mprotect, P(page), 4096, prot, -1, 0, 0);
    }
    for (long fd = 0; fd < 8; fd++)
        PLAY(tally, "mmap of a descriptor", SYS_mmap, 0, 4096, PROT_READ, MAP_SHARED, fd,
             0);
}

static void try_processes(struct tally *tally)
{
    /* Whatever makes a thread, and one thing too much. */
    const long thread =
        CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
    static const long calls[] = {SYS_kill, SYS_tkill, SYS_rt_sigqueueinfo,
                                 SYS_pidfd_open};
    const long pids[] = {0, 1, -1, 2, getppid(), -getppid(), getpid()};

    for (int bit = 0; bit < 32; bit++) {
        const long flag = 1L << bit;

        PLAY(tally, "clone", SYS_clone, flag | SIGCHLD, 0, 0, 0, 0, 0);
        if ((thread & flag) != 0)
            PLAY(tally, "clone", SYS_clone, thread & ~flag, 0, 0, 0, 0, 0);
        if ((flag & (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
                     CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)) != 0)
            PLAY(tally, "clone", SYS_clone, thread | flag, P(page), 0, 0, 0, 0);
        PLAY(tally, "unshare", SYS_unshare, flag, 0, 0, 0, 0, 0);
    }
    for (size_t i = 0; i < COUNT(pids); i++) {
        for (size_t call = 0; call < COUNT(calls); call++)
            PLAY(tally, "a signal", calls[call], pids[i], SIGCONT, P(page), 0, 0, 0);
        if (pids[i] != getpid())
            PLAY(tally, "a signal", SYS_tgkill, pids[i] + 1, pids[i] + 1, SIGCONT, 0, 0,
                 0);
        PLAY(tally, "ptrace", SYS_ptrace, PTRACE_SEIZE, pids[i], 0, 0, 0, 0);
        PLAY(tally, "ptrace", SYS_ptrace, PTRACE_ATTACH, pids[i], 0, 0, 0, 0);
        PLAY(tally, "memory of", SYS_process_vm_readv, pids[i], P(page), 1, P(page), 1,
             0);
        PLAY(tally, "memory of", SYS_process_vm_writev, pids[i], P(page), 1, P(page), 1,
             0);
    }
}

static void try_options(struct tally *tally)
{
    for (long option = 0; option < 80; option++)
        if (option != PR_SET_NAME)
            PLAY(tally, "prctl", SYS_prctl, option, 1, 1, 1, 1, 0);
    for (long family = 0; family < 46; family++)
        for (long type = SOCK_STREAM; type <= SOCK_RAW; type++)
            PLAY(tally, "socket", SYS_socket, family, type, 0, 0, 0, 0);
    for (long operation = 0; operation < 40; operation++) {
        PLAY(tally, "bpf", SYS_bpf, operation, P(page), 64, 0, 0, 0);
        PLAY(tally, "keyctl", SYS_keyctl, operation, -3, P(page), 0, 0, 0);
        PLAY(tally, "fcntl", SYS_fcntl, 2, operation, 3, 0, 0, 0);
        PLAY(tally, "limit", SYS_prlimit64, 0, operation, P(page), 0, 0, 0);
    }
    for (long operation = 0; operation < 4; operation++)
        PLAY(tally, "seccomp", SYS_seccomp, operation, 0, P(page), 0, 0, 0);
}

/* None is open but the three, and those are out of reach: no call may get anywhere. */
static void noreturn_fn guess_descriptors(void)
{
    struct err err = {0};
    unsigned layers = 0;

    if (sandbox_late(&layers, &err) < 0)
        _exit(NOT_BOXED);
    for (long fd = 0; fd < N_FDS; fd++)
        if (syscall(SYS_read, fd, page, 1) >= 0 || syscall(SYS_write, fd, page, 1) >= 0 ||
            syscall(SYS_pread64, fd, page, 1, 0) >= 0 ||
            syscall(SYS_lseek, fd, 0, SEEK_CUR) >= 0 ||
            syscall(SYS_recvfrom, fd, page, 1, MSG_DONTWAIT, 0, 0) >= 0 ||
            (fd > STDERR_FILENO && syscall(SYS_sendto, fd, page, 1, 0, 0, 0) >= 0))
            _exit(SUCCEEDED);
    _exit(REFUSED);
}

static void *wait_for_ever(void *arg)
{
    for (;;)
        (void)poll(NULL, 0, -1);
    return arg;
}

/* Ends as refused when the threads had an end. */
static void noreturn_fn make_threads(void)
{
    struct err err = {0};
    unsigned layers = 0;
    pthread_t thread;

    if (sandbox_late(&layers, &err) < 0)
        _exit(NOT_BOXED);
    for (int i = 0; i < 64; i++)
        if (pthread_create(&thread, NULL, wait_for_ever, NULL) != 0)
            _exit(REFUSED);
    _exit(SUCCEEDED);
}

static void try_steps(struct tally *tally, unsigned layers)
{
    pid_t pid = fork();

    if (pid == 0)
        guess_descriptors();
    judge(tally, pid, "every descriptor up to 1023", WANT_NO);
    if ((layers & SANDBOX_NAMESPACES) == 0) {
        printf("skipped: a bomb of threads; without a user of its own no limit counts "
               "them\n");
        return;
    }
    pid = fork();
    if (pid == 0)
        make_threads();
    judge(tally, pid, "64 threads", WANT_NO);
}

static int try_all(void)
{
    static void (*const sets[])(struct tally *) = {
        try_table, try_every_call,       try_other_tables, try_old_gates,
        try_paths, try_memory_that_runs, try_processes,    try_options,
    };
    struct tally tally = {0};
    struct err err = {0};
    unsigned layers = 0;
    char text[160];

    if (sandbox_early(3, &layers, &err) < 0 ||
        sandbox_level_of(layers | SANDBOX_SECCOMP) < SANDBOX_LEVEL_LAMBDA) {
        printf("no sandbox to try: %s\n", err.text);
        return NOT_BOXED;
    }
    for (size_t i = 0; i < COUNT(sets); i++)
        sets[i](&tally);
    try_steps(&tally, layers);
    sandbox_layers_text(layers | SANDBOX_SECCOMP, text, sizeof(text));
    printf("S4 %u attempts, %u contained: %u killed, %u refused; %u as they must be "
           "allowed; %u wrong. In force: %s\n",
           tally.n, tally.n - tally.n_wrong, tally.n_killed, tally.n_refused,
           tally.n - tally.n_killed - tally.n_refused - tally.n_wrong, tally.n_wrong,
           text);
    return tally.n_wrong == 0 ? 0 : 1;
}

/* In a child, since who gave up its power cannot tell a test runner anything. */
int main(void)
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        int answer = try_all();

        (void)fflush(stdout);
        _exit(answer);
    }
    if (pid < 0 || waitpid(pid, &status, 0) < 0)
        return 1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
