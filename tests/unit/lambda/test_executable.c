/* SPDX-License-Identifier: MIT */

#include "lambda/package/executable.h"

#include <elf.h>
#include <string.h>

#include "lib/cm.h"
#include "sys/disk.h"

#define LOADER "/lib64/" EXECUTABLE_LOADER

#ifdef __aarch64__
enum { HERE = EM_AARCH64, ELSEWHERE = EM_X86_64 };
#else
enum { HERE = EM_X86_64, ELSEWHERE = EM_AARCH64 };
#endif

/* A file with a head, up to two segments, and their contents. */
struct image {
    Elf64_Ehdr head;
    Elf64_Phdr segments[2];
    char loader[64];
    Elf64_Dyn marks[2];
};

static struct image image_of(uint16_t type)
{
    struct image image = {
        .head = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB},
                 .e_type = type,
                 .e_machine = HERE,
                 .e_phoff = offsetof(struct image, segments),
                 .e_phentsize = sizeof(Elf64_Phdr),
                 .e_phnum = 2},
        .segments = {{.p_type = PT_LOAD}, {.p_type = PT_LOAD}},
        .loader = LOADER,
        .marks = {{.d_tag = DT_FLAGS_1, .d_un.d_val = DF_1_PIE}, {.d_tag = DT_NULL}},
    };

    return image;
}

static void name_loader(struct image *image)
{
    image->segments[1] = (Elf64_Phdr){.p_type = PT_INTERP,
                                      .p_offset = offsetof(struct image, loader),
                                      .p_filesz = sizeof(LOADER)};
}

static void mark(struct image *image, uint64_t flags)
{
    image->marks[0].d_un.d_val = flags;
    image->segments[0] = (Elf64_Phdr){.p_type = PT_DYNAMIC,
                                      .p_offset = offsetof(struct image, marks),
                                      .p_filesz = sizeof(image->marks)};
}

static void expect(const char *why, const struct image *image, enum executable_kind want)
{
    struct bytes loader = {0};
    enum executable_kind got = executable_read(bytes_of(image, sizeof(*image)), &loader);

    if (got != want)
        fail_msg("%s: got %d, want %d", why, (int)got, (int)want);
    if (want == EXECUTABLE_DYNAMIC && !bytes_eq(loader, BYTES(LOADER)))
        fail_msg("%s: got the loader \"%.*s\"", why, BYTES_FMT(loader));
}

static void kinds_are_told_apart(void **state)
{
    struct image image = image_of(ET_EXEC);

    (void)state;
    expect("a static program", &image, EXECUTABLE_STATIC);
    name_loader(&image);
    expect("a dynamic one", &image, EXECUTABLE_DYNAMIC);

    image = image_of(ET_DYN);
    expect("a library without marks", &image, EXECUTABLE_LIBRARY);
    mark(&image, DF_1_NOW);
    expect("a library with other marks", &image, EXECUTABLE_LIBRARY);
    mark(&image, DF_1_PIE);
    expect("a static program that may lie anywhere", &image, EXECUTABLE_STATIC);
    name_loader(&image);
    expect("a dynamic one that may lie anywhere", &image, EXECUTABLE_DYNAMIC);

    image = image_of(ET_REL);
    expect("an object file", &image, EXECUTABLE_LIBRARY);
    image = image_of(ET_EXEC);
    image.head.e_machine = ELSEWHERE;
    expect("another processor", &image, EXECUTABLE_FOREIGN);
    image = image_of(ET_EXEC);
    image.head.e_ident[EI_CLASS] = ELFCLASS32;
    expect("32 bits", &image, EXECUTABLE_FOREIGN);
    image = image_of(ET_EXEC);
    image.head.e_ident[EI_DATA] = ELFDATA2MSB;
    expect("the other byte order", &image, EXECUTABLE_FOREIGN);
    image = image_of(ET_EXEC);
    image.head.e_ident[0] = '#';
    expect("a script", &image, EXECUTABLE_NONE);
}

static void what_is_broken_is_none(void **state)
{
    struct image image = image_of(ET_EXEC);

    (void)state;
    image.head.e_phnum = 0;
    expect("no segments", &image, EXECUTABLE_NONE);
    image = image_of(ET_EXEC);
    image.head.e_phentsize = 1;
    expect("segments of another size", &image, EXECUTABLE_NONE);
    image = image_of(ET_EXEC);
    name_loader(&image);
    image.segments[1].p_offset = UINT64_MAX - 2;
    expect("a loader beyond the end", &image, EXECUTABLE_NONE);
    name_loader(&image);
    image.segments[1].p_filesz = UINT64_MAX;
    expect("a loader that is too long", &image, EXECUTABLE_NONE);
    name_loader(&image);
    image.loader[0] = '\0';
    expect("a loader without a name", &image, EXECUTABLE_NONE);
    image = image_of(ET_DYN);
    image.head.e_phoff = UINT64_MAX - 8;
    expect("segments beyond the end", &image, EXECUTABLE_LIBRARY);
    image = image_of(ET_DYN);
    mark(&image, DF_1_PIE);
    image.segments[0].p_offset = UINT64_MAX - 8;
    expect("marks beyond the end", &image, EXECUTABLE_LIBRARY);
}

/* For the sanitizers: no read outside, wherever the file was cut off. */
static void every_beginning_is_survived(void **state)
{
    struct image image = image_of(ET_DYN);

    (void)state;
    name_loader(&image);
    for (size_t len = 0; len < sizeof(image); len++) {
        cleanup(freep) char *copy = bytes_copy(bytes_of(&image, len));
        struct bytes loader = {0};

        (void)executable_read(bytes_of(copy, len), &loader);
    }
}

static void this_test_is_a_program(void **state)
{
    cleanup(buf_done) struct buf image = {.max_bytes = 64 << 20};
    struct bytes loader = {0};
    struct err *no_err = NULL;

    (void)state;
    assert_int_equal(0, disk_read("/proc/self/exe", &image, no_err));
    assert_int_equal(EXECUTABLE_DYNAMIC, executable_read(buf_bytes(&image), &loader));
    assert_true(bytes_ends(loader, BYTES("/" EXECUTABLE_LOADER)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_are_told_apart),
        cmocka_unit_test(what_is_broken_is_none),
        cmocka_unit_test(every_beginning_is_survived),
        cmocka_unit_test(this_test_is_a_program),
    };

    return cmocka_run_group_tests_name("executable", tests, NULL, NULL);
}
