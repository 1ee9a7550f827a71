/* SPDX-License-Identifier: MIT */

#include "net/port_owner.h"

#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TCP_LISTENING = 0x0a };

static void closep(FILE **file)
{
    if (*file != NULL)
        fclose(*file);
}

static void closedirp(DIR **dir)
{
    if (*dir != NULL)
        closedir(*dir);
}

/* A line of /proc/net/tcp: "sl: address:port address:port state … inode". */
static bool is_listening_line(const char *line, int port, unsigned long *ret_inode)
{
    unsigned local_port;
    unsigned state;

    return sscanf(line,
                  " %*d: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*s %*s %*s %*d %*d %lu",
                  &local_port, &state, ret_inode) == 3 &&
           local_port == (unsigned)port && state == TCP_LISTENING;
}

static bool find_inode(const char *path, int port, unsigned long *ret_inode)
{
    cleanup(closep) FILE *file = fopen(path, "re");
    char line[512];

    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        if (is_listening_line(line, port, ret_inode))
            return true;
    }
    return false;
}

static bool has_socket(const char *pid, const char *wanted)
{
    char path[PATH_MAX];
    char target[64];
    struct dirent *entry;

    snprintf(path, sizeof(path), "/proc/%s/fd", pid);
    cleanup(closedirp) DIR *dir = opendir(path);
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        ssize_t len = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);

        target[len > 0 ? len : 0] = '\0';
        if (strcmp(target, wanted) == 0)
            return true;
    }
    return false;
}

static void read_name(const char *pid, struct port_owner *owner)
{
    char path[PATH_MAX];

    owner->pid = (pid_t)strtol(pid, NULL, 10);
    snprintf(owner->name, sizeof(owner->name), "a process");
    snprintf(path, sizeof(path), "/proc/%s/comm", pid);
    cleanup(closep) FILE *file = fopen(path, "re");
    if (file != NULL && fgets(owner->name, sizeof(owner->name), file) != NULL)
        owner->name[strcspn(owner->name, "\n")] = '\0';
    /* cppcheck-suppress resourceLeak ; it does not know cleanup */
}

enum port_owner_answer port_owner_find(int port, struct port_owner *ret_owner)
{
    unsigned long inode;
    char wanted[64];
    struct dirent *entry;

    if (!find_inode("/proc/net/tcp", port, &inode) &&
        !find_inode("/proc/net/tcp6", port, &inode))
        return PORT_OWNER_NONE;

    snprintf(wanted, sizeof(wanted), "socket:[%lu]", inode);
    cleanup(closedirp) DIR *dir = opendir("/proc");
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        if (!isdigit((unsigned char)entry->d_name[0]) ||
            !has_socket(entry->d_name, wanted))
            continue;
        read_name(entry->d_name, ret_owner);
        return PORT_OWNER_FOUND;
    }
    return PORT_OWNER_HIDDEN;
}
