/* SPDX-License-Identifier: MIT */

#include "lambda/package/libraries.h"

#include <unistd.h>

#include "base/err.h"
#include "lambda/package/executable.h"
#include "lib/cm.h"
#include "sys/disk.h"

#define LOADER "/lib64/" EXECUTABLE_LOADER

static const struct {
    const char *why;
    const char *line;
    enum library_line want;
    const char *name, *path;
} lines[] = {
    {"found", "\tlibz.so.1 => /lib/x/libz.so.1 (0x00007f5561c39000)", LIBRARY_LINE_FOUND,
     "libz.so.1", "/lib/x/libz.so.1"},
    {"found in a folder with blanks and brackets",
     "\tlibz.so.1 => /home/a (0x b)/libz.so.1 (0x00007f5561c39000)", LIBRARY_LINE_FOUND,
     "libz.so.1", "/home/a (0x b)/libz.so.1"},
    {"missing", "\tlibf.so => not found", LIBRARY_LINE_MISSING, "libf.so", ""},
    {"the kernel's own", "\tlinux-vdso.so.1 (0x00007f5561e38000)", LIBRARY_LINE_OTHER, "",
     ""},
    {"the loader", "\t" LOADER " (0x00007f5561e3a000)", LIBRARY_LINE_OTHER, "", ""},
    {"the loader, asked for by another path",
     "\t" LOADER " => /lib/x/" EXECUTABLE_LOADER " (0x00007f5561e3a000)",
     LIBRARY_LINE_OTHER, "", ""},
    {"the loader, asked for by its name",
     "\t" EXECUTABLE_LOADER " => " LOADER " (0x00007f5561e3a000)", LIBRARY_LINE_OTHER, "",
     ""},
    {"asked for with a path", "\t/tmp/libf.so (0x00007f5561e26000)", LIBRARY_LINE_FIXED,
     "/tmp/libf.so", "/tmp/libf.so"},
    {"asked for with a relative path", "\t./libf.so => /tmp/libf.so (0x00007f5561e26000)",
     LIBRARY_LINE_FIXED, "./libf.so", "/tmp/libf.so"},
    {"a static program", "\tstatically linked", LIBRARY_LINE_OTHER, "", ""},
    {"nothing", "", LIBRARY_LINE_OTHER, "", ""},
};

static void every_line_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(lines); i++) {
        struct bytes name = {0};
        struct bytes path = {0};
        enum library_line got = library_line_read(bytes_str(lines[i].line), &name, &path);

        if (got != lines[i].want)
            fail_msg("%s: got %d, want %d", lines[i].why, (int)got, (int)lines[i].want);
        if (got == LIBRARY_LINE_OTHER)
            continue;
        if (!bytes_eq(name, bytes_str(lines[i].name)) ||
            !bytes_eq(path, bytes_str(lines[i].path)))
            fail_msg("%s: got \"%.*s\" at \"%.*s\"", lines[i].why, BYTES_FMT(name),
                     BYTES_FMT(path));
    }
}

static bool has(const struct library *list, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i].name, name) == 0)
            return disk_exists(list[i].path);
    return false;
}

static const char *self(void)
{
    static char path[4096];
    ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);

    assert_true(len > 0);
    return path;
}

static void a_program_s_libraries_are_listed_once(void **state)
{
    static struct library list[LIBRARIES_MAX];
    struct arena arena;
    struct err err = {0};
    size_t n = 0;
    size_t n_once;

    (void)state;
    arena_init(&arena);
    assert_int_equal(0, libraries_find(self(), LOADER, &arena, list, &n, &err));
    assert_true(has(list, n, "libc.so.6"));
    assert_true(has(list, n, "libcmocka.so.0"));
    assert_false(has(list, n, EXECUTABLE_LOADER));
    n_once = n;
    assert_int_equal(0, libraries_find(self(), LOADER, &arena, list, &n, &err));
    assert_int_equal(n_once, n);
    arena_done(&arena);
}

static void what_is_no_program_is_a_failure(void **state)
{
    static struct library list[LIBRARIES_MAX];
    struct arena arena;
    struct err err = {0};
    size_t n = 0;

    (void)state;
    arena_init(&arena);
    assert_int_equal(-1, libraries_find("/etc/passwd", LOADER, &arena, list, &n, &err));
    assert_non_null(strstr(err.text, "/etc/passwd"));
    assert_int_equal(-1, libraries_find(self(), "/nowhere", &arena, list, &n, &err));
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_is_read),
        cmocka_unit_test(a_program_s_libraries_are_listed_once),
        cmocka_unit_test(what_is_no_program_is_a_failure),
    };

    return cmocka_run_group_tests_name("libraries", tests, NULL, NULL);
}
