/* SPDX-License-Identifier: MIT */

/*
 * without - runs a program on a kernel that refuses what one layer of the sandbox needs.
 *
 *   without LAYER PROGRAM [ARGUMENT…]
 *
 * Ends with 77 when it cannot take the layer away here, so that a test can skip.
 */

#include <errno.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/attr.h"

enum { CANNOT = 77, MAX_CALLS = 4 };

static const struct layer {
    const char *name;
    int error; /* as a kernel without it would say */
    int calls[MAX_CALLS];
    unsigned option; /* of prctl; 0: none */
} layers[] = {
    {"namespaces", EPERM, {SCMP_SYS(unshare)}, 0},
    {"empty root", EPERM, {SCMP_SYS(pivot_root)}, 0},
    {"landlock", ENOSYS, {SCMP_SYS(landlock_create_ruleset)}, 0},
    {"no new privileges", EINVAL, {0}, PR_SET_NO_NEW_PRIVS},
    {"no capabilities", EPERM, {SCMP_SYS(capset)}, 0},
    {"rlimits", EPERM, {SCMP_SYS(setrlimit), SCMP_SYS(prlimit64)}, 0},
    {"seccomp", ENOSYS, {SCMP_SYS(seccomp)}, PR_SET_SECCOMP},
};

static bool refuse(scmp_filter_ctx filter, const struct layer *layer)
{
    const uint32_t with = SCMP_ACT_ERRNO((uint32_t)layer->error);

    for (size_t i = 0; i < MAX_CALLS; i++)
        if (layer->calls[i] != 0 &&
            seccomp_rule_add(filter, with, layer->calls[i], 0) != 0)
            return false;
    return layer->option == 0 ||
           seccomp_rule_add(filter, with, SCMP_SYS(prctl), 1,
                            SCMP_A0(SCMP_CMP_EQ, layer->option)) == 0;
}

static bool take_away(const struct layer *layer)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    bool is_away;

    /* As root no_new_privs is not needed, and would be a layer given. */
    is_away = filter != NULL &&
              seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, geteuid() != 0) == 0 &&
              refuse(filter, layer) && seccomp_load(filter) == 0;
    if (filter != NULL)
        seccomp_release(filter);
    return is_away && (geteuid() == 0 || layer->option != PR_SET_NO_NEW_PRIVS);
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    for (size_t i = 0; i < COUNT(layers); i++)
        if (strcmp(argv[1], layers[i].name) == 0) {
            if (!take_away(&layers[i]))
                return CANNOT;
            (void)execv(argv[2], argv + 2);
            perror(argv[2]);
        }
    return 2;
}
