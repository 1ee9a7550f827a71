/* SPDX-License-Identifier: MIT */

#include "sys/disk.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "lib/cm.h"

/* Each test gets a folder of its own. */
static int make_folder(void **state)
{
    char *folder = strdup("/tmp/partnerapp-disk-XXXXXX");

    *state = folder;
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state)
{
    struct err err;
    int r = disk_remove_tree(*state, &err);
    bool is_left = disk_exists(*state);

    free(*state);
    return r == 0 && !is_left ? 0 : -1;
}

static const char *in(const char *folder, const char *name)
{
    static char path[256];

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static int n_entries(const char *folder)
{
    DIR *dir = opendir(folder);
    int n = 0;

    while (readdir(dir) != NULL)
        n++;
    closedir(dir);
    return n - 2;
}

static void reads_back_what_it_replaced_and_leaves_nothing_beside(void **state)
{
    const char *path = in(*state, "file");
    struct err err;
    struct stat st;
    struct buf buf;

    buf_init(&buf, 100000);
    assert_int_equal(0, disk_replace(path, BYTES("one"), 0600, &err));
    assert_int_equal(0, disk_replace(path, BYTES("two\0three"), 0640, &err));
    assert_int_equal(0, disk_read(path, &buf, &err));
    assert_true(bytes_eq(buf_bytes(&buf), BYTES("two\0three")));
    assert_int_equal(0, stat(path, &st));
    assert_int_equal(0640, st.st_mode & 0777);
    assert_int_equal(9, disk_file_bytes(path));
    assert_int_equal(1, n_entries(*state));
    buf_done(&buf);
}

static void a_file_larger_than_the_buffer_is_a_failure(void **state)
{
    const char *path = in(*state, "file");
    struct err err;
    struct buf buf;

    assert_int_equal(0, disk_replace(path, BYTES("12345"), 0600, &err));
    buf_init(&buf, 5);
    assert_int_equal(0, disk_read(path, &buf, &err));
    buf_done(&buf);
    buf_init(&buf, 4);
    assert_int_equal(-1, disk_read(path, &buf, &err));
    assert_non_null(strstr(err.text, "larger than 4 bytes"));
    buf_done(&buf);
}

static void what_is_absent_says_so(void **state)
{
    const char *path = in(*state, "none");
    struct err err;
    struct buf buf;

    buf_init(&buf, 10);
    assert_int_equal(-1, disk_read(path, &buf, &err));
    assert_non_null(strstr(err.text, "No such file"));
    assert_false(disk_exists(path));
    assert_int_equal(0, disk_file_bytes(path));
    assert_int_equal(0, disk_remove_tree(path, &err));
    assert_int_equal(-1, disk_free_bytes(path));
    assert_true(disk_free_bytes(*state) > 0);
    assert_int_equal(-1, disk_replace(in(*state, "no/file"), BYTES("x"), 0600, &err));
}

static void a_failed_replacement_leaves_the_old_file_and_no_rest(void **state)
{
    const char *path = in(*state, "folder");
    struct err err;

    assert_int_equal(0, disk_make_folder(path, &err));
    assert_int_equal(-1, disk_replace(path, BYTES("x"), 0600, &err));
    assert_int_equal(1, n_entries(*state));
}

static void makes_parents_and_is_fine_with_what_is_there(void **state)
{
    struct err err;
    struct stat st;

    assert_int_equal(0, disk_make_folder(in(*state, "a/b//c/"), &err));
    assert_int_equal(0, disk_make_folder(in(*state, "a/b/c"), &err));
    assert_int_equal(0, stat(in(*state, "a/b/c"), &st));
    assert_int_equal(0700, st.st_mode & 0777);
    assert_int_equal(0, disk_replace(in(*state, "file"), BYTES("x"), 0600, &err));
    assert_int_equal(-1, disk_make_folder(in(*state, "file"), &err));
    assert_int_equal(-1, disk_make_folder("", &err));
}

static void removes_links_but_not_what_they_lead_to(void **state)
{
    char kept[256];
    struct err err;

    (void)snprintf(kept, sizeof(kept), "%s", in(*state, "kept"));
    assert_int_equal(0, disk_replace(kept, BYTES("x"), 0600, &err));
    assert_int_equal(0, disk_make_folder(in(*state, "tree/sub"), &err));
    assert_int_equal(0, symlink(kept, in(*state, "tree/sub/link")));
    assert_int_equal(0, symlink(*state, in(*state, "tree/up")));
    assert_int_equal(0, disk_remove_tree(in(*state, "tree"), &err));
    assert_false(disk_exists(in(*state, "tree")));
    assert_true(disk_exists(kept));
}

/* In a child, because a lock is a matter between processes. */
static int lock_in_child(const char *folder, pid_t want_holder)
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        struct err err;
        pid_t holder = -1;
        int fd;
        int r = disk_lock(folder, &fd, &holder, &err);

        _exit(r == DISK_LOCKED && holder == want_holder ? 10 : r == 0 ? 20 : 30);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void a_lock_excludes_others_and_names_its_holder(void **state)
{
    struct err err;
    pid_t holder = -1;
    int fd = -1;

    assert_int_equal(0, disk_lock(*state, &fd, &holder, &err));
    assert_int_equal(10, lock_in_child(*state, getpid()));
    close(fd);
    assert_int_equal(20, lock_in_child(*state, 0));
    assert_int_equal(0, disk_lock(*state, &fd, &holder, &err));
    close(fd);
    assert_int_equal(-1, disk_lock(in(*state, "none"), &fd, &holder, &err));
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(reads_back_what_it_replaced_and_leaves_nothing_beside),
        IN_FOLDER(a_file_larger_than_the_buffer_is_a_failure),
        IN_FOLDER(what_is_absent_says_so),
        IN_FOLDER(a_failed_replacement_leaves_the_old_file_and_no_rest),
        IN_FOLDER(makes_parents_and_is_fine_with_what_is_there),
        IN_FOLDER(removes_links_but_not_what_they_lead_to),
        IN_FOLDER(a_lock_excludes_others_and_names_its_holder),
    };

    return cmocka_run_group_tests_name("disk", tests, NULL, NULL);
}
