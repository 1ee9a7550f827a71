/* SPDX-License-Identifier: MIT */

/*
 * partnerapp-starter - the first program of a packed folder, and the only one that needs
 * nothing: static, so that it runs whatever C library the machine has.
 *
 * It starts the program of its own name through the loader and the libraries that lie
 * beside it. DIR is the folder of its own path; LIB is DIR where the loader lies in it,
 * else DIR/lib; the program is LIB/bin/NAME. So one file serves as DIR/bootstrap and as
 * DIR/lib/partnerapp-runner. No /proc, no /etc and no working folder are needed.
 *
 * The environment's LD_* variables go: they are for the machine's own libraries, which
 * ours must not meet. LAMBDA_TASK_ROOT, SSL_CERT_FILE and PARTNERAPP_RUNNER (which is not
 * beside the program it starts, but here) are set where they are not.
 */

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "base/attr.h"

#ifdef __aarch64__
#define LOADER "ld-linux-aarch64.so.1"
#else
#define LOADER "ld-linux-x86-64.so.2"
#endif

enum { EXTRA_ARGUMENTS = 7, EXTRA_VARIABLES = 3, TEXT_MAX = PATH_MAX + 64 };

struct place {
    char root[TEXT_MAX]; /* of the zip */
    char lib[TEXT_MAX];
    char loader[TEXT_MAX];
    char program[TEXT_MAX];
    char task_root[TEXT_MAX], ca_file[TEXT_MAX], runner[TEXT_MAX]; /* NAME=VALUE */
    char name[NAME_MAX + 1];
};

/* Without stdio, which is most of a small static program. */
static void say(const char *a, const char *b, const char *c)
{
    const char *const parts[] = {"partnerapp-starter: ", a, b, c, "\n"};
    char line[TEXT_MAX * 2] = "";

    for (size_t i = 0; i < COUNT(parts); i++)
        strncat(line, parts[i], sizeof(line) - strlen(line) - 1);
    (void)!write(STDERR_FILENO, line, strlen(line));
}

static bool join(char ret[TEXT_MAX], const char *a, const char *b)
{
    size_t len = strlen(a);

    if (len + strlen(b) >= TEXT_MAX)
        return false;
    memmove(ret, a, len); /* @a may be @ret */
    memcpy(ret + len, b, strlen(b) + 1);
    return true;
}

/* Cuts @path at its last slash and returns what was behind; "/x" leaves "". */
static const char *cut(char *path)
{
    char *slash = strrchr(path, '/');

    *slash = '\0';
    return slash + 1;
}

/* The path that we were started by, made absolute: the kernel hands it over. */
static bool find_self(char ret[TEXT_MAX])
{
    /* The kernel's pointer, as a number. */
    const char *path = (const char *)getauxval(AT_EXECFN);
    char folder[PATH_MAX];

    if (path == NULL || path[0] == '\0') {
        say("the kernel does not say where this program lies", "", "");
        return false;
    }
    if (path[0] == '/')
        return join(ret, path, "");
    if (getcwd(folder, sizeof(folder)) == NULL) {
        say("the working folder has no path: ", strerror(errno), "");
        return false;
    }
    return join(ret, folder, "/") && join(ret, ret, path);
}

static bool has_loader(const char *folder)
{
    char path[TEXT_MAX];

    return join(path, folder, "/" LOADER) && access(path, F_OK) == 0;
}

static bool fill(struct place *place)
{
    const char *name = cut(place->root); /* root is our own path until here */

    if (strlen(name) > NAME_MAX)
        return false;
    memcpy(place->name, name, strlen(name) + 1);
    if (has_loader(place->root)) {
        if (!join(place->lib, place->root[0] != '\0' ? place->root : "/", ""))
            return false;
        if (strchr(place->root, '/') != NULL)
            (void)cut(place->root);
    } else if (!join(place->lib, place->root, "/lib")) {
        return false;
    }
    return join(place->loader, place->lib, "/" LOADER) &&
           join(place->program, place->lib, "/bin/") &&
           join(place->program, place->program, place->name) &&
           join(place->task_root,
                "LAMBDA_TASK_ROOT=", place->root[0] != '\0' ? place->root : "/") &&
           join(place->ca_file, "SSL_CERT_FILE=", place->lib) &&
           join(place->ca_file, place->ca_file, "/ca-certificates.crt") &&
           join(place->runner, "PARTNERAPP_RUNNER=", place->lib) &&
           join(place->runner, place->runner, "/partnerapp-runner");
}

static bool is_there(const char *path)
{
    if (access(path, X_OK) == 0)
        return true;
    say(path, ": ", strerror(errno));
    say("this is the start of a folder that `partnerapp lambda package` packs; unpack "
        "the whole zip",
        "", "");
    return false;
}

static bool find(struct place *place)
{
    if (!find_self(place->root))
        return false;
    if (!fill(place)) {
        say("the path of this program is too long", "", "");
        return false;
    }
    /* The loader reads these in a list of folders as separators, or as names of its. */
    if (strpbrk(place->lib, ":;$") != NULL) {
        say("a folder's path with ':', ';' or '$' cannot be used: ", place->lib, "");
        return false;
    }
    return is_there(place->loader) && is_there(place->program);
}

static char **make_arguments(struct place *place, int argc, char **argv)
{
    static char inhibit[] = "--inhibit-cache", path[] = "--library-path",
                argv0[] = "--argv0";
    char *const first[EXTRA_ARGUMENTS] = {
        place->loader, inhibit, path, place->lib, argv0, place->name, place->program};
    size_t n = argc > 1 ? (size_t)argc - 1 : 0;
    char **arguments = calloc(EXTRA_ARGUMENTS + n + 1, sizeof(*arguments));

    if (arguments == NULL)
        return NULL;
    memcpy(arguments, first, sizeof(first));
    if (n > 0)
        memcpy(arguments + EXTRA_ARGUMENTS, argv + 1, n * sizeof(*arguments));
    return arguments;
}

static bool is_set(char *const *environment, const char *variable)
{
    size_t len = (size_t)(strchr(variable, '=') - variable) + 1;

    for (; *environment != NULL; environment++)
        if (strncmp(*environment, variable, len) == 0)
            return true;
    return false;
}

static char **make_environment(struct place *place, char **given)
{
    char *const ours[EXTRA_VARIABLES] = {place->task_root, place->ca_file, place->runner};
    size_t n = 0;
    char **environment;

    while (given[n] != NULL)
        n++;
    environment = calloc(n + EXTRA_VARIABLES + 1, sizeof(*environment));
    if (environment == NULL)
        return NULL;
    n = 0;
    for (char **variable = given; *variable != NULL; variable++)
        if (strncmp(*variable, "LD_", 3) != 0)
            environment[n++] = *variable;
    for (size_t i = 0; i < EXTRA_VARIABLES; i++)
        if (!is_set(given, ours[i]) && access(strchr(ours[i], '=') + 1, F_OK) == 0)
            environment[n++] = ours[i];
    return environment;
}

int main(int argc, char **argv, char **envp)
{
    static struct place place;
    char **arguments;
    char **environment;

    if (!find(&place))
        return 1;
    arguments = make_arguments(&place, argc, argv);
    environment = make_environment(&place, envp);
    if (arguments != NULL && environment != NULL)
        (void)execve(place.loader, arguments, environment);
    say(place.loader, ": ", strerror(errno));
    free(arguments);
    free(environment);
    return 1;
}
