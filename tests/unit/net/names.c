/* SPDX-License-Identifier: MIT */

#include "names.h"

#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

typedef int resolve_fn(const char *name, const char *service,
                       const struct addrinfo *hints, struct addrinfo **ret_list);

static resolve_fn *real(void)
{
    resolve_fn *fn = NULL;
    void *symbol = dlsym(RTLD_NEXT, "getaddrinfo");

    memcpy(&fn, &symbol, sizeof(fn));
    return fn;
}

/* The list of one literal, out of a name. */
static int resolve(const char *start, const char *end, const char *service,
                   const struct addrinfo *hints, struct addrinfo **ret_list)
{
    char literal[64];

    (void)snprintf(literal, sizeof(literal), "%.*s", (int)(end - start), start);
    for (char *dash = strchr(literal, '-'); dash != NULL; dash = strchr(dash, '-'))
        *dash = ':';
    return real()(literal, service, hints, ret_list);
}

/* Two lists joined: freeaddrinfo frees node by node. */
// NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): glibc has __req
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **ret_list)
{
    const char *middle = name != NULL ? strstr(name, ".and.") : NULL;
    const char *end = middle != NULL ? strstr(middle, ".test") : NULL;
    struct addrinfo *last;
    int result;

    if (end == NULL)
        return real()(name, service, hints, ret_list);
    result = resolve(name, middle, service, hints, ret_list);
    if (result != 0)
        return result;
    last = *ret_list;
    while (last->ai_next != NULL)
        last = last->ai_next;
    return resolve(middle + strlen(".and."), end, service, hints, &last->ai_next);
}
