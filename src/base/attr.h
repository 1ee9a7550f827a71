/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * attr - the few compiler attributes that the house style leans on.
 *
 * cleanup(x_freep) runs x_freep(&variable) when the variable leaves its scope; take(x)
 * empties a variable while handing its value on, so that ownership moves visibly.
 */

#include <stdlib.h>

#define must_check __attribute__((warn_unused_result))
#define cleanup(fn) __attribute__((cleanup(fn)))
#define printf_like(fmt, args) __attribute__((format(printf, fmt, args)))
#define noreturn_fn __attribute__((noreturn))

/* Of a large local that is written before it is read: the build zeroes all others. */
#if defined(__has_attribute)
#if __has_attribute(uninitialized)
#define not_zeroed __attribute__((uninitialized))
#endif
#endif
#ifndef not_zeroed
#define not_zeroed
#endif

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define take(pointer)                                                                    \
    __extension__({                                                                      \
        __typeof__(pointer) taken_ = (pointer);                                          \
        (pointer) = NULL;                                                                \
        taken_;                                                                          \
    })

/* The object of type @type whose member @member lies at @pointer. */
#define container_of(pointer, type, member)                                              \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

static inline void freep(void *pointer_to_pointer)
{
    free(*(void **)pointer_to_pointer);
}
