/* SPDX-License-Identifier: MIT */

#include "lambda/package/executable.h"

#include <elf.h>

#ifdef __aarch64__
enum { MACHINE = EM_AARCH64 };
#else
enum { MACHINE = EM_X86_64 };
#endif

/* Copies, because nothing in a file is aligned for sure. */
static bool read_at(struct bytes image, uint64_t offset, void *ret, size_t size)
{
    if (offset > image.len || size > image.len - offset)
        return false;
    memcpy(ret, image.ptr + offset, size);
    return true;
}

static bool find_segment(struct bytes image, const Elf64_Ehdr *head, uint32_t type,
                         Elf64_Phdr *ret)
{
    for (uint64_t i = 0; i < head->e_phnum; i++) {
        uint64_t at = i * sizeof(*ret);

        if (head->e_phoff > image.len ||
            !read_at(image, head->e_phoff + at, ret, sizeof(*ret)))
            return false;
        if (ret->p_type == type)
            return true;
    }
    return false;
}

/* Programs that may lie anywhere in memory look like libraries, but for this mark. */
static bool is_marked_program(struct bytes image, const Elf64_Ehdr *head)
{
    Elf64_Phdr segment;
    Elf64_Dyn entry;

    if (!find_segment(image, head, PT_DYNAMIC, &segment))
        return false;
    for (uint64_t at = 0; at < segment.p_filesz; at += sizeof(entry)) {
        if (segment.p_offset > image.len ||
            !read_at(image, segment.p_offset + at, &entry, sizeof(entry)) ||
            entry.d_tag == DT_NULL)
            return false;
        if (entry.d_tag == DT_FLAGS_1)
            return (entry.d_un.d_val & DF_1_PIE) != 0;
    }
    return false;
}

static enum executable_kind read_loader(struct bytes image, const Elf64_Phdr *segment,
                                        struct bytes *ret_loader)
{
    struct bytes loader;

    if (segment->p_offset > image.len ||
        segment->p_filesz > image.len - segment->p_offset)
        return EXECUTABLE_NONE;
    loader = bytes_slice(image, segment->p_offset, segment->p_filesz);
    loader.len = bytes_index(loader, '\0');
    if (loader.len == 0)
        return EXECUTABLE_NONE;
    *ret_loader = loader;
    return EXECUTABLE_DYNAMIC;
}

enum executable_kind executable_read(struct bytes image, struct bytes *ret_loader)
{
    Elf64_Ehdr head;
    Elf64_Phdr segment;

    if (!read_at(image, 0, &head, sizeof(head)) ||
        memcmp(head.e_ident, ELFMAG, SELFMAG) != 0)
        return EXECUTABLE_NONE;
    if (head.e_ident[EI_CLASS] != ELFCLASS64 || head.e_ident[EI_DATA] != ELFDATA2LSB ||
        head.e_machine != MACHINE)
        return EXECUTABLE_FOREIGN;
    if (head.e_type != ET_EXEC && head.e_type != ET_DYN)
        return EXECUTABLE_LIBRARY;
    if (head.e_phnum == 0 || head.e_phentsize != sizeof(segment))
        return EXECUTABLE_NONE;
    if (find_segment(image, &head, PT_INTERP, &segment))
        return read_loader(image, &segment, ret_loader);
    return head.e_type == ET_EXEC || is_marked_program(image, &head) ? EXECUTABLE_STATIC
                                                                     : EXECUTABLE_LIBRARY;
}
