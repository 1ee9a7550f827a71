/* SPDX-License-Identifier: MIT */

/* Against a folder that looks like the kernel's: few machines let a test divide theirs.
 */

#include "sys/cgroup.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cm.h"

static char root[64];

static void put(const char *name, const char *text)
{
    char path[256];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", root, name);
    file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    fclose(file);
}

static const char *get(const char *name)
{
    static char text[256];
    char path[256];
    FILE *file;
    size_t n = 0;

    snprintf(path, sizeof(path), "%s/%s", root, name);
    file = fopen(path, "re");
    if (file != NULL) {
        n = fread(text, 1, sizeof(text) - 1, file);
        fclose(file);
    }
    text[n] = '\0';
    return text;
}

static int set_up(void **state)
{
    char path[96];

    (void)state;
    snprintf(root, sizeof(root), "/tmp/partnerapp-cgroup-XXXXXX");
    if (mkdtemp(root) == NULL)
        return -1;
    snprintf(path, sizeof(path), "%s/unit", root);
    return mkdir(path, 0700);
}

static int remove_one(const char *path, const struct stat *status, int kind,
                      struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    return remove(path);
}

static int tear_down(void **state)
{
    (void)state;
    return nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static struct cgroup *open_with(const char *own, const char *controllers,
                                const char *procs)
{
    char path[96];

    put("own", own);
    put("unit/cgroup.controllers", controllers);
    put("unit/cgroup.procs", procs);
    snprintf(path, sizeof(path), "%s/own", root);
    return cgroup_open(root, path);
}

static void divides_only_what_is_its_own(void **state)
{
    char self[32];
    char two[64];

    (void)state;
    snprintf(self, sizeof(self), "%d\n", (int)getpid());
    snprintf(two, sizeof(two), "1\n%s", self);
    const struct {
        const char *why;
        const char *own, *controllers, *procs;
    } refused[] = {
        {"version 1 alone", "4:memory:/unit\n", "cpu memory pids\n", self},
        {"another folder", "0::/elsewhere\n", "cpu memory pids\n", self},
        {"no memory controller", "0::/unit\n", "cpu pids\n", self},
        {"no pids controller", "0::/unit\n", "memory\n", self},
        {"a longer name only", "0::/unit\n", "memoryx pids\n", self},
        {"somebody else is in it", "0::/unit\n", "cpu memory pids\n", two},
    };

    for (size_t i = 0; i < COUNT(refused); i++)
        if (open_with(refused[i].own, refused[i].controllers, refused[i].procs) != NULL)
            fail_msg("%s: got a group, want none", refused[i].why);
    assert_string_equal("", get("unit/cgroup.subtree_control"));
}

static void limits_a_part(void **state)
{
    struct cgroup_part part;
    struct cgroup *group;
    char self[32];

    (void)state;
    snprintf(self, sizeof(self), "%d\n", (int)getpid());
    group = open_with("1:name=systemd:/\n0::/unit\n", "memory pids\n", self);
    assert_non_null(group);
    assert_string_equal("+memory +pids", get("unit/cgroup.subtree_control"));
    assert_string_equal("0", get("unit/service/cgroup.procs"));
    assert_true(cgroup_part_make(group, 128 << 20, 32, &part));
    assert_string_equal("134217728", get("unit/runner-0/memory.max"));
    assert_string_equal("0", get("unit/runner-0/memory.swap.max"));
    assert_string_equal("32", get("unit/runner-0/pids.max"));
    assert_true(part.procs_fd >= 0);

    assert_false(cgroup_part_overflowed(&part));
    put("unit/runner-0/memory.events", "max 3\noom 1\noom_kill 0\n");
    assert_false(cgroup_part_overflowed(&part));
    put("unit/runner-0/memory.events", "max 3\noom 1\noom_kill 1\n");
    assert_true(cgroup_part_overflowed(&part));
    cgroup_part_remove(group, &part);
    assert_int_equal(-1, part.fd);
    assert_false(cgroup_part_overflowed(&part));
    cgroup_close(group);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(divides_only_what_is_its_own, set_up, tear_down),
        cmocka_unit_test_setup_teardown(limits_a_part, set_up, tear_down),
    };

    return cmocka_run_group_tests_name("cgroup", tests, NULL, NULL);
}
