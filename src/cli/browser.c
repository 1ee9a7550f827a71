/* SPDX-License-Identifier: MIT */

#include "cli/browser.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { URL_MAX = 1024 };

bool browser_has_desktop(void)
{
    bool has_screen = getenv("DISPLAY") != NULL || getenv("WAYLAND_DISPLAY") != NULL;

    return has_screen && getenv("SSH_CONNECTION") == NULL && getenv("CI") == NULL &&
           isatty(STDERR_FILENO) == 1;
}

/* Signals are blocked in us; the browser must not inherit that, nor our terminal. */
void browser_open(const char *url)
{
    char program[] = "xdg-open";
    char target[URL_MAX];
    char *arguments[] = {program, target, NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none;
    pid_t pid;

    snprintf(target, sizeof(target), "%s", url);
    sigemptyset(&none);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setsigmask(&attributes, &none);
    if (posix_spawnp(&pid, program, &files, &attributes, arguments, environ) != 0)
        pid = 0; /* no desktop tools: the URL is on the screen */
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
}
