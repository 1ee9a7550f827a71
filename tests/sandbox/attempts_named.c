/* SPDX-License-Identifier: MIT */
#include "attempts.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/attr.h"

static struct sockaddr_un abstract = {.sun_family = AF_UNIX, .sun_path = "\0partnerapp"};
static char page[4096] __attribute__((aligned(4096)));
static char *const no_arguments[] = {NULL};

#define CALL(name, ...)                                                                  \
    {                                                                                    \
#name "(" #__VA_ARGS__ ")", SYS_##name, {__VA_ARGS__ }, WANT_NO                  \
    }
#define MAY(name, ...)                                                                   \
    {                                                                                    \
#name "(" #__VA_ARGS__ ")", SYS_##name, {__VA_ARGS__ }, WANT_YES                 \
    }

const struct attempt named_attempts[] = {
    /* files */
    CALL(open, P("/etc/passwd"), O_RDONLY),
    CALL(open, P("/dev/urandom"), O_RDONLY),
    CALL(open, P("/proc/self/mem"), O_RDWR),
    CALL(openat, AT_FDCWD, P("/etc/passwd"), O_RDONLY),
    CALL(openat, AT_FDCWD, P("."), O_RDONLY | O_DIRECTORY),
    CALL(openat, AT_FDCWD, P("/proc/1/root"), O_PATH),
    CALL(openat2, AT_FDCWD, P("/etc/passwd"), P(page), 24),
    CALL(creat, P("/x"), 0600),
    CALL(unlink, P("/dev/urandom")),
    CALL(rename, P("/dev"), P("/x")),
    CALL(link, P("/dev/urandom"), P("/x")),
    CALL(symlink, P("/etc"), P("/x")),
    CALL(mkdir, P("/x"), 0700),
    CALL(mknod, P("/x"), 0020600, 0x101),
    CALL(chmod, P("/"), 0777),
    CALL(chown, P("/"), 0, 0),
    CALL(truncate, P("/dev/urandom"), 0),
    CALL(ftruncate, 0, 0),
    CALL(stat, P("/"), P(page)),
    CALL(statx, AT_FDCWD, P("/"), 0, 0, P(page)),
    CALL(readlink, P("/proc/self/exe"), P(page), 4096),
    CALL(getdents64, 0, P(page), 4096),
    CALL(chdir, P("/")),
    CALL(chroot, P("/")),
    CALL(fchdir, 0),
    CALL(inotify_init1, 0),
    CALL(fanotify_init, 0, 0),
    CALL(memfd_create, P("x"), 0),
    CALL(memfd_secret, 0),
    CALL(name_to_handle_at, AT_FDCWD, P("/"), P(page), P(page), 0),
    CALL(open_by_handle_at, AT_FDCWD, P(page), O_RDONLY),
    CALL(mount, P("none"), P("/"), P("tmpfs"), 0, 0),
    CALL(umount2, P("/"), 2),
    CALL(pivot_root, P("."), P(".")),
    CALL(fsopen, P("tmpfs"), 0),
    CALL(open_tree, AT_FDCWD, P("/"), 0),
    CALL(dup, 0),
    CALL(dup2, 0, 9),
    CALL(fcntl, 0, F_DUPFD, 9),
    CALL(sendfile, 0, 1, 0, 10),
    CALL(splice, 0, 0, 1, 0, 10, 0),
    CALL(write, 1, P("x"), 1),
    CALL(write, 2, P("x"), 1),
    CALL(writev, 2, P(page), 1),
    CALL(pwrite64, 2, P("x"), 1, 0),
    /* sockets */
    CALL(socket, AF_INET, SOCK_STREAM, 0),
    CALL(socket, AF_INET6, SOCK_DGRAM, 0),
    CALL(socket, AF_UNIX, SOCK_STREAM, 0),
    CALL(socket, AF_NETLINK, SOCK_RAW, 0),
    CALL(socket, AF_PACKET, SOCK_RAW, 0),
    CALL(socket, AF_VSOCK, SOCK_STREAM, 0),
    CALL(socket, AF_ALG, SOCK_SEQPACKET, 0),
    CALL(socketpair, AF_UNIX, SOCK_STREAM, 0, P(page)),
    CALL(connect, 0, P(&abstract), sizeof(abstract)),
    CALL(bind, 0, P(&abstract), sizeof(abstract)),
    CALL(listen, 0, 1),
    CALL(accept4, 0, 0, 0, 0),
    CALL(sendto, 0, P("x"), 1, 0, P(&abstract), sizeof(abstract)),
    CALL(sendmsg, 0, P(page), 0),
    CALL(recvmsg, 0, P(page), 0),
    CALL(getsockopt, 0, SOL_SOCKET, SO_PEERCRED, P(page), P(page)),
    CALL(setsockopt, 0, SOL_SOCKET, SO_RCVBUF, P(page), 4),
    CALL(pipe2, P(page), 0),
    CALL(eventfd2, 0, 0),
    CALL(epoll_create1, 0),
    CALL(signalfd4, -1, P(page), 8, 0),
    CALL(timerfd_create, 0, 0),
    /* processes */
    CALL(execve, P("/bin/sh"), P(no_arguments), P(no_arguments)),
    CALL(execveat, AT_FDCWD, P("/bin/sh"), P(no_arguments), P(no_arguments), 0),
    CALL(fork, 0),
    CALL(vfork, 0),
    CALL(clone, SIGCHLD, 0),
    CALL(clone, CLONE_NEWUSER | SIGCHLD, 0),
    CALL(clone, CLONE_VM | SIGCHLD, 0),
    CALL(clone3, P(page), 88),
    CALL(unshare, CLONE_NEWUSER),
    CALL(setns, 0, 0),
    CALL(kill, 1, SIGKILL),
    CALL(kill, -1, SIGTERM),
    CALL(kill, 0, SIGTERM),
    CALL(tkill, 1, SIGTERM),
    CALL(tgkill, 2, 2, SIGTERM),
    CALL(rt_sigqueueinfo, 1, SIGTERM, P(page)),
    CALL(pidfd_open, 1, 0),
    CALL(pidfd_send_signal, 0, SIGKILL, 0, 0),
    CALL(pidfd_getfd, 0, 0, 0),
    CALL(ptrace, PTRACE_TRACEME, 0, 0, 0),
    CALL(ptrace, PTRACE_ATTACH, 1, 0, 0),
    CALL(ptrace, PTRACE_SEIZE, 1, 0, 0),
    CALL(process_vm_readv, 1, P(page), 1, P(page), 1, 0),
    CALL(process_vm_writev, 1, P(page), 1, P(page), 1, 0),
    CALL(process_madvise, 0, P(page), 1, MADV_COLD, 0),
    CALL(kcmp, 1, 1, 0, 0, 0),
    CALL(wait4, -1, 0, 0, 0),
    CALL(setsid, 0),
    CALL(setpgid, 0, 0),
    CALL(setuid, 0),
    CALL(setgid, 0),
    CALL(setresuid, 0, 0, 0),
    CALL(setgroups, 0, 0),
    CALL(setfsuid, 0),
    CALL(capset, P(page), P(page)),
    CALL(capget, P(page), P(page)),
    CALL(personality, 0x0040000),
    CALL(setrlimit, RLIMIT_NOFILE, P(page)),
    CALL(prlimit64, 1, RLIMIT_NOFILE, P(page), 0),
    CALL(prctl, PR_SET_DUMPABLE, 1, 0, 0, 0),
    CALL(prctl, PR_SET_PDEATHSIG, 0, 0, 0, 0),
    CALL(prctl, PR_SET_SECCOMP, 0, 0, 0, 0),
    CALL(prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 21, 0, 0),
    CALL(seccomp, 0, 0, 0),
    CALL(sched_setscheduler, 0, SCHED_FIFO, P(page)),
    CALL(sched_setaffinity, 0, 8, P(page)),
    CALL(setpriority, PRIO_PROCESS, 0, -20),
    CALL(ioprio_set, 1, 0, 0),
    /* memory that runs */
    CALL(mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
    CALL(mmap, 0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
         -1, 0),
    CALL(mmap, 0, 4096, PROT_READ, MAP_PRIVATE, 0, 0),
    CALL(mprotect, P(page), 4096, PROT_READ | PROT_EXEC),
    CALL(mprotect, P(page), 4096, PROT_READ | PROT_WRITE | PROT_EXEC),
    CALL(pkey_mprotect, P(page), 4096, PROT_EXEC, -1),
    CALL(remap_file_pages, P(page), 4096, 0, 0, 0),
    CALL(mlock, P(page), 4096),
    CALL(mlockall, MCL_FUTURE),
    CALL(shmget, 1, 4096, 01600),
    CALL(shmat, 0, 0, 0),
    CALL(msgget, 1, 01600),
    CALL(semget, 1, 1, 01600),
    CALL(mq_open, P("x"), O_CREAT | O_RDWR, 0600, 0),
    CALL(userfaultfd, 0),
    /* the kernel's other doors */
    CALL(io_uring_setup, 1, P(page)),
    CALL(io_uring_enter, 0, 1, 0, 0, 0, 0),
    CALL(io_uring_register, 0, 0, 0, 0),
    CALL(io_setup, 1, P(page)),
    CALL(bpf, BPF_MAP_CREATE, P(page), 64),
    CALL(perf_event_open, P(page), 0, -1, -1, 0),
    CALL(add_key, P("user"), P("x"), P("x"), 1, -3),
    CALL(request_key, P("user"), P("x"), 0, -3),
    CALL(keyctl, 0, -3, 1),
    CALL(init_module, P(page), 0, P("")),
    CALL(finit_module, 0, P(""), 0),
    CALL(kexec_load, 0, 0, 0, 0),
    CALL(reboot, 0xfee1dead, 672274793, 0, 0),
    CALL(swapon, P("/x"), 0),
    CALL(syslog, 3, P(page), 4096),
    CALL(acct, 0),
    CALL(quotactl, 0, 0, 0, 0),
    CALL(settimeofday, P(page), 0),
    CALL(clock_settime, 0, P(page)),
    CALL(adjtimex, P(page)),
    CALL(sethostname, P("x"), 1),
    CALL(iopl, 3),
    CALL(ioperm, 0, 1, 1),
    CALL(modify_ldt, 0, P(page), 16),
    CALL(arch_prctl, 0x1002, 0),
    CALL(ioctl, 0, 0x5412, P("x")),
    CALL(ioctl, 2, 0x5413, P(page)),
    CALL(landlock_create_ruleset, 0, 0, 1),
    CALL(lookup_dcookie, 0, P(page), 1),
    CALL(vhangup, 0),
    CALL(rt_sigaction, SIGSYS, P(page), 0, 8),
    CALL(uname, P(page)),
    CALL(times, P(page)),
    CALL(getppid, 0),
    CALL(getuid, 0),
    {"a number that does not exist", 9999, {0}, WANT_NO},
    /* what must stay possible */
    MAY(getpid, 0),
    MAY(getrandom, P(page), 16, 0),
    MAY(mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
    MAY(mprotect, P(page), 0, PROT_READ | PROT_WRITE),
    MAY(sched_yield, 0),
};

const size_t n_named_attempts = COUNT(named_attempts);
