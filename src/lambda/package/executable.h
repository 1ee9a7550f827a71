/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * executable - what a program's file says of how it is started (ELF).
 *
 * Pure: bytes in, a verdict out; any bytes are survived. Only 64 bits, little-endian:
 * both architectures of Lambda are.
 */

#include "base/bytes.h"

enum executable_kind {
    EXECUTABLE_NONE = 0, /* no ELF, or a broken one */
    EXECUTABLE_FOREIGN,  /* for another architecture */
    EXECUTABLE_LIBRARY,  /* or an object file: nothing to start */
    EXECUTABLE_STATIC,   /* needs nothing */
    EXECUTABLE_DYNAMIC,  /* needs a loader and libraries */
};

/* @ret_loader is set for EXECUTABLE_DYNAMIC: its loader's path, a part of @image. */
enum executable_kind executable_read(struct bytes image, struct bytes *ret_loader);

/* Of the machine that this was compiled for. */
#ifdef __aarch64__
#define EXECUTABLE_LOADER "ld-linux-aarch64.so.1"
#define EXECUTABLE_ARCHITECTURE "arm64" /* as Lambda calls it */
#else
#define EXECUTABLE_LOADER "ld-linux-x86-64.so.2"
#define EXECUTABLE_ARCHITECTURE "x86_64"
#endif
