/* SPDX-License-Identifier: MIT */
#include "sys/child.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "sys/null_device.h"

enum { FIRST_FD = 3 };

/* Everything here runs between fork and exec in a copy of a threaded process: only calls
 * that are safe in a signal handler. */
static void set_signals(void)
{
    /* The kernel's own call: the C library keeps two signals to itself, but a parent that
     * was started with them ignored passes that on. All zero is SIG_DFL. */
    static const struct {
        unsigned long handler, flags, restorer, mask;
    } by_default = {0};
    sigset_t none;

    sigemptyset(&none);
    for (int number = 1; number < NSIG; number++)
        (void)syscall(SYS_rt_sigaction, number, &by_default, NULL,
                      sizeof(by_default.mask));
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static int set_stdio(void)
{
    int null = null_device_open();

    if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
        return -1;
    return 0;
}

/* Moves all above the places they go to first, so that none is overwritten. */
static int set_fds(const struct child_options *options, int *report_fd)
{
    int above = FIRST_FD + (int)options->n_pass_fds;
    int moved[CHILD_MAX_FDS];

    *report_fd = fcntl(*report_fd, F_DUPFD_CLOEXEC, above);
    for (unsigned i = 0; i < options->n_pass_fds; i++) {
        moved[i] = fcntl(options->pass_fds[i], F_DUPFD_CLOEXEC, above);
        if (moved[i] < 0)
            return -1;
    }
    for (unsigned i = 0; i < options->n_pass_fds; i++)
        if (dup2(moved[i], FIRST_FD + (int)i) < 0)
            return -1;
    return close_range((unsigned)above, ~0u, CLOSE_RANGE_CLOEXEC);
}

static bool join(const int *group_fd)
{
    return group_fd == NULL || write(*group_fd, "0", 1) == 1;
}

/* The parent may have died before the request to die with it was made. */
static bool die_with(pid_t parent, int signal_number)
{
    return prctl(PR_SET_PDEATHSIG, signal_number) == 0 && getppid() == parent;
}

static bool set_output(const struct child_options *options)
{
    const int *output_fd = options->output_fd;
    const int *stderr_fd = output_fd != NULL ? output_fd : options->stderr_fd;

    return (options->keep_stdio || set_stdio() == 0) &&
           (output_fd == NULL || dup2(*output_fd, STDOUT_FILENO) >= 0) &&
           (stderr_fd == NULL || dup2(*stderr_fd, STDERR_FILENO) >= 0);
}

static bool become_part(const struct child_options *options, int *report_fd)
{
    (void)setsid();
    return join(options->group_fd) && set_output(options) &&
           (options->folder == NULL || chdir(options->folder) == 0) &&
           set_fds(options, report_fd) == 0;
}

static void noreturn_fn become(const struct child_options *options, pid_t parent,
                               int report_fd)
{
    /* exec's parameters lack a const that C could not give them. */
    char *const *arguments = (char *const *)(uintptr_t)options->arguments;
    char *const *environment = (char *const *)(uintptr_t)options->environment;

    const int death_signal = options->death_signal != 0 ? options->death_signal
                             : options->is_command      ? SIGTERM
                                                        : SIGKILL;
    const bool is_in_path = options->is_command || options->is_in_path;

    set_signals();
    if (die_with(parent, death_signal) &&
        (options->is_command || become_part(options, &report_fd))) {
        if (is_in_path)
            (void)execvpe(options->program, arguments, environment);
        else
            (void)execve(options->program, arguments, environment);
    }
    (void)!write(report_fd, &errno, sizeof(errno));
    _exit(127);
}

static int open_about(pid_t pid, const char *what)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, what);
    return open(path, O_RDONLY | O_CLOEXEC);
}

static void closep(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

int child_start(const struct child_options *options, struct child *ret_child,
                struct err *err)
{
    cleanup(closep) int told = -1;
    cleanup(closep) int report = -1;
    struct child child = {
        .pidfd = -1, .inner_pidfd = -1, .statm_fd = -1, .status_fd = -1};
    pid_t parent = getpid();
    int ends[2];
    int why = 0;

    assert(options->n_pass_fds <= CHILD_MAX_FDS);
    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_sys(err, "start %s", options->program);
    told = ends[0];
    report = ends[1];
    child.pid = fork();
    if (child.pid < 0)
        return err_sys(err, "start %s", options->program);
    if (child.pid == 0)
        become(options, parent, report);

    closep(&report);
    child.pidfd = pidfd_open(child.pid, 0);
    /* Ends at exec, which closes the pipe, or with the reason why there was none. */
    if (read(told, &why, sizeof(why)) == (ssize_t)sizeof(why) || child.pidfd < 0) {
        errno = why != 0 ? why : errno;
        (void)err_sys(err, "start %s", options->program);
        if (child.pidfd >= 0)
            child_kill(&child, SIGKILL);
        child_reap(&child, &why);
        return -1;
    }
    child.statm_fd = open_about(child.pid, "statm");
    child.status_fd = open_about(child.pid, "status");
    *ret_child = child;
    return 0;
}

void child_adopt(struct child *child, pid_t pid)
{
    int statm_fd;

    if (pid == child->pid || pid <= 0)
        return;
    statm_fd = open_about(pid, "statm");
    child->inner_pidfd = pidfd_open(pid, 0);
    if (statm_fd < 0)
        return;
    closep(&child->statm_fd);
    child->statm_fd = statm_fd;
    closep(&child->status_fd);
    child->status_fd = open_about(pid, "status");
}

/* All below it, level by level; @pids has them behind the first, returns how many. */
static size_t find_below(pid_t pids[], size_t max_pids)
{
    size_t n_pids = 1;

    for (size_t i = 0; i < n_pids; i++) {
        char path[64];
        int pid;
        FILE *file;

        snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pids[i],
                 (int)pids[i]);
        file = fopen(path, "re");
        while (file != NULL && n_pids < max_pids && fscanf(file, "%d", &pid) == 1)
            pids[n_pids++] = pid;
        if (file != NULL)
            fclose(file);
    }
    return n_pids;
}

static int64_t resident_bytes(int statm_fd)
{
    char text[128] = "";
    long long pages = 0;

    if (statm_fd < 0 || pread(statm_fd, text, sizeof(text) - 1, 0) <= 0 ||
        sscanf(text, "%*d %lld", &pages) != 1)
        return 0;
    return pages * sysconf(_SC_PAGESIZE);
}

void child_adopt_largest(struct child *child)
{
    enum { MAX_BELOW = 64 };
    pid_t pids[MAX_BELOW] = {child->pid};
    const size_t n_pids = find_below(pids, MAX_BELOW);
    pid_t largest = child->pid;
    int64_t most_bytes = 0;

    for (size_t i = 1; i < n_pids; i++) {
        cleanup(closep) int statm_fd = open_about(pids[i], "statm");
        const int64_t bytes = resident_bytes(statm_fd);

        if (bytes > most_bytes) {
            most_bytes = bytes;
            largest = pids[i];
        }
    }
    child_adopt(child, largest);
}

void child_kill(const struct child *child, int signal_number)
{
    if (child->inner_pidfd >= 0)
        (void)pidfd_send_signal(child->inner_pidfd, signal_number, NULL, 0);
    if (child->pidfd >= 0)
        (void)pidfd_send_signal(child->pidfd, signal_number, NULL, 0);
}

void child_kill_group(const struct child *child, int signal_number)
{
    if (child->pidfd >= 0)
        (void)kill(-child->pid, signal_number);
}

void child_reap(struct child *child, int *ret_status)
{
    pid_t pid;

    do
        pid = waitpid(child->pid, ret_status, 0);
    while (pid < 0 && errno == EINTR);
    closep(&child->pidfd);
    closep(&child->inner_pidfd);
    closep(&child->statm_fd);
    closep(&child->status_fd);
}

int64_t child_rss_bytes(const struct child *child)
{
    return resident_bytes(child->statm_fd);
}

int64_t child_peak_bytes(const struct child *child)
{
    char text[4096] = "";
    const char *line;
    long long kib = 0;

    if (child->status_fd < 0 || pread(child->status_fd, text, sizeof(text) - 1, 0) <= 0)
        return 0;
    line = strstr(text, "\nVmHWM:");
    if (line == NULL || sscanf(line, "\nVmHWM: %lld", &kib) != 1)
        return 0;
    return kib * 1024;
}

/* What was started, where there is no /proc that could say what became of it. */
static ssize_t find_self(char *ret_path, size_t size)
{
    const ssize_t len = readlink("/proc/self/exe", ret_path, size);
    const char *started = (const char *)getauxval(AT_EXECFN);

    if (len >= 0 || started == NULL || strlen(started) >= size)
        return len;
    memcpy(ret_path, started, strlen(started));
    return (ssize_t)strlen(started);
}

int child_sibling(const char *name, char *ret_path, size_t size, struct err *err)
{
    char self[4096];
    ssize_t len = find_self(self, sizeof(self) - 1);
    char *slash;

    if (len < 0)
        return err_sys(err, "find the folder of this program");
    self[len] = '\0';
    slash = strrchr(self, '/');
    if (slash == NULL ||
        snprintf(ret_path, size, "%.*s/%s", (int)(slash - self), self, name) >= (int)size)
        return err_set(err, "the path of %s is too long", name);
    return 0;
}
