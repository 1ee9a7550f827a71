/* SPDX-License-Identifier: MIT */
#include "sys/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum { N_PARTS = 256, TEXT_BYTES = 512 };

struct cgroup {
    int fd; /* the folder */
    unsigned next;
};

static int open_in(int folder, const char *name, int flags)
{
    /* The kernel has made all files that there can be; a test's folder has none yet. */
    return openat(folder, name, flags | O_CLOEXEC, 0600);
}

static bool put(int folder, const char *name, const char *text)
{
    int fd = open_in(folder, name, O_WRONLY | O_CREAT | O_TRUNC);
    bool is_written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

    if (fd >= 0)
        close(fd);
    return is_written;
}

static bool put_number(int folder, const char *name, int64_t number)
{
    char text[32];

    snprintf(text, sizeof(text), "%lld", (long long)number);
    return put(folder, name, text);
}

/* The file's text, cut at @size; empty when there is no such file. */
static void get(int folder, const char *name, char *ret_text, size_t size)
{
    int fd = open_in(folder, name, O_RDONLY);
    ssize_t n = fd >= 0 ? read(fd, ret_text, size - 1) : 0;

    ret_text[n > 0 ? n : 0] = '\0';
    if (fd >= 0)
        close(fd);
}

static int open_own(const char *mount, const char *own)
{
    char text[TEXT_BYTES];
    char path[PATH_MAX];
    char *start;

    get(AT_FDCWD, own, text, sizeof(text));
    /* Version 2 is the hierarchy with number 0 and no names: "0::/system.slice/…". */
    start = strncmp(text, "0::", 3) == 0 ? text : strstr(text, "\n0::");
    if (start == NULL)
        return -1;
    start = strstr(start, "0::") + 3;
    start[strcspn(start, "\n")] = '\0';
    snprintf(path, sizeof(path), "%s%s", mount, start);
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static bool has_word(const char *words, const char *word)
{
    const char *at = strstr(words, word);
    size_t len = strlen(word);

    return at != NULL && (at == words || at[-1] == ' ') && strchr(" \n", at[len]) != NULL;
}

/* With the controllers that are needed, and nobody but us in it. */
static bool is_ours(int fd)
{
    char controllers[TEXT_BYTES];
    char procs[TEXT_BYTES];
    char self[32];

    get(fd, "cgroup.controllers", controllers, sizeof(controllers));
    get(fd, "cgroup.procs", procs, sizeof(procs));
    snprintf(self, sizeof(self), "%d\n", (int)getpid());
    return has_word(controllers, "memory") && has_word(controllers, "pids") &&
           strcmp(procs, self) == 0;
}

static bool divide(int fd)
{
    if (mkdirat(fd, "service", 0755) < 0 && errno != EEXIST)
        return false;
    if (put(fd, "service/cgroup.procs", "0") &&
        put(fd, "cgroup.subtree_control", "+memory +pids"))
        return true;
    (void)put(fd, "cgroup.procs", "0");
    (void)unlinkat(fd, "service", AT_REMOVEDIR);
    return false;
}

struct cgroup *cgroup_open(const char *mount, const char *own)
{
    struct cgroup *group;
    int fd = open_own(mount, own);

    if (fd < 0)
        return NULL;
    if (!is_ours(fd) || !divide(fd)) {
        close(fd);
        return NULL;
    }
    group = mem_new(struct cgroup);
    group->fd = fd;
    return group;
}

void cgroup_close(struct cgroup *group)
{
    if (group == NULL)
        return;
    close(group->fd);
    free(group);
}

static void name_of(unsigned number, char *ret_name, size_t size)
{
    snprintf(ret_name, size, "runner-%u", number);
}

/* One that an earlier part left behind is emptied by now, or else busy. */
static int make_folder(const struct cgroup *group, const char *name)
{
    if (mkdirat(group->fd, name, 0755) < 0 &&
        (errno != EEXIST || unlinkat(group->fd, name, AT_REMOVEDIR) < 0 ||
         mkdirat(group->fd, name, 0755) < 0))
        return -1;
    return open_in(group->fd, name, O_RDONLY | O_DIRECTORY);
}

bool cgroup_part_make(struct cgroup *group, int64_t memory_bytes, unsigned n_tasks,
                      struct cgroup_part *ret_part)
{
    struct cgroup_part part = CGROUP_NO_PART;
    char name[32];

    *ret_part = CGROUP_NO_PART;
    part.number = group->next++ % N_PARTS;
    name_of(part.number, name, sizeof(name));
    part.fd = make_folder(group, name);
    if (part.fd < 0)
        return false;
    /* Without swap at all there is no such file. */
    (void)put(part.fd, "memory.swap.max", "0");
    (void)put(part.fd, "memory.oom.group", "1");
    if (put_number(part.fd, "memory.max", memory_bytes) &&
        put_number(part.fd, "pids.max", n_tasks))
        part.procs_fd = open_in(part.fd, "cgroup.procs", O_WRONLY | O_CREAT);
    if (part.procs_fd < 0) {
        cgroup_part_remove(group, &part);
        return false;
    }
    *ret_part = part;
    return true;
}

bool cgroup_part_overflowed(const struct cgroup_part *part)
{
    char text[TEXT_BYTES];
    const char *line;
    long long n = 0;

    if (part->fd < 0)
        return false;
    get(part->fd, "memory.events", text, sizeof(text));
    line = strstr(text, "oom_kill ");
    return line != NULL && sscanf(line, "oom_kill %lld", &n) == 1 && n > 0;
}

void cgroup_part_remove(struct cgroup *group, struct cgroup_part *part)
{
    char name[32];

    if (part->fd < 0)
        return;
    name_of(part->number, name, sizeof(name));
    close(part->fd);
    if (part->procs_fd >= 0)
        close(part->procs_fd);
    *part = CGROUP_NO_PART;
    (void)unlinkat(group->fd, name, AT_REMOVEDIR);
}
