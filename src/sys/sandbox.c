/* SPDX-License-Identifier: MIT */
#include "sys/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <linux/securebits.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"

enum {
    MAX_THREADS = 32,
    MAX_FDS = 8, /* the three, the socket, the page, and what the start itself needs */
    FIRST_UID = 0x70000000, /* plus the pid: a user that nobody else is */
    NOBODY = 65534,
};

static const struct {
    unsigned layer;
    const char *name;
} layer_names[] = {
    {SANDBOX_NAMESPACES, "namespaces"},
    {SANDBOX_EMPTY_ROOT, "empty root"},
    {SANDBOX_LANDLOCK, "landlock"},
    {SANDBOX_NO_NEW_PRIVS, "no new privileges"},
    {SANDBOX_NO_CAPABILITIES, "no capabilities"},
    {SANDBOX_RLIMITS, "rlimits"},
    {SANDBOX_SECCOMP, "seccomp"},
    {SANDBOX_CGROUP, "cgroup"},
};

static const struct {
    const char *name;
    unsigned layers;
} levels[] = {
    [SANDBOX_LEVEL_NONE] = {"none", 0},
    [SANDBOX_LEVEL_LAMBDA] = {"lambda",
                              SANDBOX_SECCOMP | SANDBOX_NO_NEW_PRIVS | SANDBOX_RLIMITS},
    [SANDBOX_LEVEL_HARDENED] = {"hardened", SANDBOX_SECCOMP | SANDBOX_NO_NEW_PRIVS |
                                                SANDBOX_RLIMITS | SANDBOX_LANDLOCK |
                                                SANDBOX_NO_CAPABILITIES},
    [SANDBOX_LEVEL_STRICT] = {"strict", SANDBOX_SECCOMP | SANDBOX_NO_NEW_PRIVS |
                                            SANDBOX_RLIMITS | SANDBOX_LANDLOCK |
                                            SANDBOX_NO_CAPABILITIES | SANDBOX_NAMESPACES |
                                            SANDBOX_EMPTY_ROOT},
};

unsigned sandbox_layers_of(enum sandbox_level level)
{
    return levels[level].layers;
}

enum sandbox_level sandbox_level_of(unsigned layers)
{
    enum sandbox_level level = SANDBOX_LEVEL_STRICT;

    while (level > SANDBOX_LEVEL_NONE &&
           (layers & levels[level].layers) != levels[level].layers)
        level--;
    return level;
}

const char *sandbox_level_text(enum sandbox_level level)
{
    return levels[level].name;
}

void sandbox_layers_text(unsigned layers, char *ret_text, size_t size)
{
    size_t len = 0;

    ret_text[0] = '\0';
    for (size_t i = 0; i < COUNT(layer_names); i++)
        if ((layers & layer_names[i].layer) != 0 && len < size) {
            int n = snprintf(ret_text + len, size - len, "%s%s", len > 0 ? ", " : "",
                             layer_names[i].name);

            len += n > 0 ? (size_t)n : 0;
        }
}

static bool write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool is_written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

    if (fd >= 0)
        close(fd);
    return is_written;
}

/* The same ids inside as outside, so that files made on the tmpfs have an owner. */
static bool map_ids(uid_t uid, gid_t gid)
{
    char uids[64];
    char gids[64];

    snprintf(uids, sizeof(uids), "%u %u 1", uid, uid);
    snprintf(gids, sizeof(gids), "%u %u 1", gid, gid);
    return write_file("/proc/self/setgroups", "deny") &&
           write_file("/proc/self/uid_map", uids) &&
           write_file("/proc/self/gid_map", gids);
}

enum separation { NOT_SEPARATE = 0, SEPARATE, SEPARATE_USER };

static enum separation separate(void)
{
    const int wanted =
        CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;
    uid_t uid = geteuid();
    gid_t gid = getegid();

    if (uid == 0 && unshare(wanted) == 0)
        return SEPARATE;
    if (unshare(wanted | CLONE_NEWUSER) == 0 && map_ids(uid, gid))
        return SEPARATE_USER;
    return NOT_SEPARATE;
}

/* Changes of identity make the kernel forget this request, so it is made again. */
static void die_with(pid_t parent)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
        _exit(1);
}

/* The outer process is only there to be killed and to tell how the inner one ended. */
static void noreturn_fn follow(pid_t inner)
{
    int status = 0;

    (void)close_range(STDERR_FILENO + 1, ~0u, 0);
    while (waitpid(inner, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFSIGNALED(status)) {
        const struct rlimit none = {0, 0};

        (void)setrlimit(RLIMIT_CORE, &none);
        (void)signal(WTERMSIG(status), SIG_DFL);
        (void)raise(WTERMSIG(status));
    }
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

static bool leave_urandom(void)
{
    int fd;

    /* Whoever started us may have another; who we become must be able to read it. */
    (void)umask(022);
    if (mkdir("dev", 0755) < 0)
        return false;
    fd = open("dev/urandom", O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    if (fd < 0)
        return false;
    close(fd);
    return mount("/dev/urandom", "dev/urandom", NULL, MS_BIND, NULL) == 0;
}

static bool empty_root(void)
{
    static const char *const places[] = {"/tmp", "/mnt", "/proc", "/"};
    const unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
    bool is_mounted = false;

    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return false;
    for (size_t i = 0; i < COUNT(places) && !is_mounted; i++)
        is_mounted = mount("none", places[i], "tmpfs", flags, "size=64k,mode=755") == 0 &&
                     chdir(places[i]) == 0;
    /* Stacks the new root over the old at "/", then takes the old away from below. */
    return is_mounted && leave_urandom() && syscall(SYS_pivot_root, ".", ".") == 0 &&
           umount2(".", MNT_DETACH) == 0 && chdir("/") == 0 &&
           mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | flags, NULL) == 0;
}

enum identity { IDENTITY_KEPT = 0, IDENTITY_NOBODY, IDENTITY_OWN };

/* A user that nobody else is: @outer_pid is unique, the own pid is 1 in every namespace.
 */
static enum identity leave_root(pid_t outer_pid)
{
    unsigned uid = FIRST_UID + (unsigned)outer_pid;

    (void)!setgroups(0, NULL);
    if (setresgid(uid, uid, uid) == 0 && setresuid(uid, uid, uid) == 0)
        return IDENTITY_OWN;
    /* Where a container maps few users only. */
    return setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
                   setresuid(NOBODY, NOBODY, NOBODY) == 0
               ? IDENTITY_NOBODY
               : IDENTITY_KEPT;
}

static bool no_capabilities(void)
{
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {0};

    (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    return syscall(SYS_capset, &head, data) == 0;
}

/* What a later exec could give back; allowed only to who still has capabilities. */
static void empty_bounding_set(void)
{
    /* Nor does being root mean anything then. */
    (void)prctl(PR_SET_SECUREBITS,
                SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |
                    SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED | SECBIT_KEEP_CAPS_LOCKED,
                0, 0, 0);
    for (int cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
        (void)prctl(PR_CAPBSET_DROP, cap);
}

static bool limit(__rlimit_resource_t resource, rlim_t value)
{
    const struct rlimit both = {value, value};

    return setrlimit(resource, &both) == 0;
}

/* No limit on address space: the engine reserves 70 GB of it. */
static bool rlimits(bool has_own_user)
{
    /* A report of a full disk must not become a death by SIGXFSZ. */
    (void)signal(SIGXFSZ, SIG_IGN);
    if (has_own_user && !limit(RLIMIT_NPROC, MAX_THREADS))
        return false;
    return limit(RLIMIT_CORE, 0) && limit(RLIMIT_FSIZE, 0) &&
           limit(RLIMIT_NOFILE, MAX_FDS) && limit(RLIMIT_MEMLOCK, 0) &&
           limit(RLIMIT_MSGQUEUE, 0);
}

/* The kernel's landlock_ruleset_attr, as long as its newest form; a kernel takes the part
 * that it knows. */
struct landlock_rules {
    uint64_t fs, net, scoped;
};

static uint64_t landlock_fs(long abi)
{
    if (abi >= 5)
        return (1u << 16) - 1; /* and device ioctls */
    if (abi >= 3)
        return (1u << 15) - 1; /* and truncation */
    return abi == 2 ? (1u << 14) - 1 : (1u << 13) - 1;
}

static bool landlock(void)
{
    long abi =
        syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    struct landlock_rules rules = {.fs = landlock_fs(abi), .net = 3, .scoped = 3};
    size_t size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
    struct landlock_path_beneath_attr urandom = {.allowed_access =
                                                     LANDLOCK_ACCESS_FS_READ_FILE};
    bool is_on;
    int fd;

    if (abi < 1)
        return false;
    fd = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
    urandom.parent_fd = open("/dev/urandom", O_PATH | O_CLOEXEC);
    is_on = fd >= 0 && urandom.parent_fd >= 0 &&
            syscall(SYS_landlock_add_rule, fd, LANDLOCK_RULE_PATH_BENEATH, &urandom, 0) ==
                0 &&
            syscall(SYS_landlock_restrict_self, fd, 0) == 0;
    if (urandom.parent_fd >= 0)
        close(urandom.parent_fd);
    if (fd >= 0)
        close(fd);
    return is_on;
}

/* Forks into the new pid namespace and empties the root; -1 when no process was made. */
static int enter_namespaces(pid_t parent, unsigned *layers, struct err *err)
{
    pid_t inner;

    die_with(parent);
    inner = fork();
    if (inner < 0)
        return err_sys(err, "fork into the pid namespace");
    if (inner > 0)
        follow(inner);
    /* Not every kernel has these; nothing depends on them. */
    (void)unshare(CLONE_NEWCGROUP);
    *layers |= SANDBOX_NAMESPACES;
    if (empty_root())
        *layers |= SANDBOX_EMPTY_ROOT;
    return 0;
}

int sandbox_early(int n_keep_fds, unsigned *ret_layers, struct err *err)
{
    unsigned layers = 0;
    bool was_root = geteuid() == 0;
    pid_t parent = getppid();
    pid_t outer_pid = getpid();
    enum separation separation;
    enum identity identity = IDENTITY_KEPT;

    if (close_range((unsigned)n_keep_fds, ~0u, 0) < 0)
        return err_sys(err, "close descriptors");
    separation = separate();
    if (separation != NOT_SEPARATE && enter_namespaces(parent, &layers, err) < 0)
        return -1;
    if (separation != NOT_SEPARATE)
        parent = getppid();

    empty_bounding_set();
    /* In a user namespace of our own, root is only a name for whom we were outside. */
    if (separation == SEPARATE_USER)
        identity = IDENTITY_OWN;
    else if (was_root)
        identity = leave_root(outer_pid);
    if (no_capabilities() && (identity != IDENTITY_KEPT || !was_root))
        layers |= SANDBOX_NO_CAPABILITIES;
    die_with(parent);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
        layers |= SANDBOX_NO_NEW_PRIVS;
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    /* Memory that grows by 2 MiB a fault outgrows whoever weighs it. */
    (void)prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
    /* Threads are counted per user, so only where the user is ours alone. */
    if (rlimits(identity == IDENTITY_OWN))
        layers |= SANDBOX_RLIMITS;
    if (landlock())
        layers |= SANDBOX_LANDLOCK;
    *ret_layers = layers;
    return 0;
}

/*
 * What the engine uses after its warm-up. Proved by running scripts inside the filter
 * (dates, Intl, regular expressions, large heaps, recursion, sorting); what is missing
 * here ends the runner, so a gap shows as a crash and never as a hole.
 */
static const int allowed[] = {
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(futex),
    SCMP_SYS(madvise),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(brk),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(getrandom),
    SCMP_SYS(gettid),
    SCMP_SYS(getpid),
    SCMP_SYS(getrusage),
    SCMP_SYS(sysinfo),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigsuspend),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(close),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(sigaltstack),
};

/* What libraries try and can do without: refused with a number, not with death. */
static const struct {
    int call;
    int error;
} refused[] = {
    {SCMP_SYS(open), EACCES},         {SCMP_SYS(openat), EACCES},
    {SCMP_SYS(readlink), EACCES},     {SCMP_SYS(readlinkat), EACCES},
    {SCMP_SYS(stat), EACCES},         {SCMP_SYS(lstat), EACCES},
    {SCMP_SYS(newfstatat), EACCES},   {SCMP_SYS(statx), EACCES},
    {SCMP_SYS(statfs), EACCES},       {SCMP_SYS(access), EACCES},
    {SCMP_SYS(faccessat), EACCES},    {SCMP_SYS(faccessat2), EACCES},
    {SCMP_SYS(getcwd), EACCES},       {SCMP_SYS(ioctl), EPERM},
    {SCMP_SYS(prlimit64), EPERM},     {SCMP_SYS(sched_setscheduler), EPERM},
    {SCMP_SYS(sched_setattr), EPERM}, {SCMP_SYS(setpriority), EPERM},
    {SCMP_SYS(clone3), ENOSYS}, /* so that libc falls back to clone, which can be judged
                                 */
};

static bool add_narrowed(scmp_filter_ctx filter)
{
    const uint64_t thread =
        CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
    const uint64_t never = CLONE_NEWNS | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET |
                           CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP | CLONE_VFORK |
                           CLONE_PTRACE;
    const uint32_t yes = SCMP_ACT_ALLOW;

    return /* no memory to run machine code from; nothing mapped but fresh memory */
        seccomp_rule_add(
            filter, yes, SCMP_SYS(mmap), 2, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
            SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS)) == 0 &&
        seccomp_rule_add(filter, yes, SCMP_SYS(mprotect), 1,
                         SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0 &&
        /* threads, never processes */
        seccomp_rule_add(filter, yes, SCMP_SYS(clone), 1,
                         SCMP_A0(SCMP_CMP_MASKED_EQ, thread | never, thread)) == 0 &&
        /* signals to ourselves: the collector stops threads with them */
        seccomp_rule_add(filter, yes, SCMP_SYS(tgkill), 1,
                         SCMP_A0(SCMP_CMP_EQ, (uint64_t)getpid())) == 0 &&
        /* the socket, without an address */
        seccomp_rule_add(filter, yes, SCMP_SYS(sendto), 2,
                         SCMP_A0(SCMP_CMP_GT, STDERR_FILENO),
                         SCMP_A4(SCMP_CMP_EQ, 0)) == 0 &&
        /* a thread's own name */
        seccomp_rule_add(filter, yes, SCMP_SYS(prctl), 1,
                         SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME)) == 0 &&
        seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(prctl), 1,
                         SCMP_A0(SCMP_CMP_NE, PR_SET_NAME)) == 0;
}

/* Not on the descriptors that everybody has: stderr may be an operator's terminal, to be
 * read from, or the journal's socket. */
static bool add_private(scmp_filter_ctx filter)
{
    static const int calls[] = {SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(recvfrom),
                                SCMP_SYS(pread64), SCMP_SYS(lseek)};

    for (size_t i = 0; i < COUNT(calls); i++)
        if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 1,
                             SCMP_A0(SCMP_CMP_GT, STDERR_FILENO)) != 0 ||
            seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), calls[i], 1,
                             SCMP_A0(SCMP_CMP_LE, STDERR_FILENO)) != 0)
            return false;
    return true;
}

static bool add_rules(scmp_filter_ctx filter)
{
    for (size_t i = 0; i < COUNT(allowed); i++)
        if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0) != 0)
            return false;
    for (size_t i = 0; i < COUNT(refused); i++)
        if (seccomp_rule_add(filter, SCMP_ACT_ERRNO((uint32_t)refused[i].error),
                             refused[i].call, 0) != 0)
            return false;
    return add_private(filter) && add_narrowed(filter);
}

int sandbox_late(unsigned *layers, struct err *err)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    int r = -EINVAL;

    if (filter != NULL && seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) == 0 &&
        seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0 &&
        add_rules(filter))
        r = seccomp_load(filter);
    if (filter != NULL)
        seccomp_release(filter);
    if (r < 0)
        return err_set(err, "load the seccomp filter: %s", strerror(-r));
    *layers |= SANDBOX_SECCOMP;
    return 0;
}
