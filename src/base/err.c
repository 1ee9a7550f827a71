/* SPDX-License-Identifier: MIT */

#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

static void reset(struct err *err)
{
    *err = (struct err){.exit_code = ERR_FAILED};
}

int err_set(struct err *err, const char *format, ...)
{
    va_list args;

    if (err == NULL)
        return -1;
    reset(err);
    va_start(args, format);
    vsnprintf(err->text, sizeof(err->text), format, args);
    va_end(args);
    return -1;
}

int err_sys(struct err *err, const char *format, ...)
{
    int number = errno;
    char what[384];
    char why[128];
    va_list args;

    if (err == NULL)
        return -1;
    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    return err_set(err, "%s: %s", what, strerror_r(number, why, sizeof(why)));
}

int err_wrap(struct err *err, const char *format, ...)
{
    char old[sizeof(err->text)];
    char context[256];
    va_list args;

    if (err == NULL)
        return -1;
    va_start(args, format);
    vsnprintf(context, sizeof(context), format, args);
    va_end(args);
    memcpy(old, err->text, sizeof(old));
    if (snprintf(err->text, sizeof(err->text), "%s: %s", context, old) < 0)
        err->text[0] = '\0';
    return -1;
}

int err_code(struct err *err, const char *code, enum err_exit exit_code,
             const char *format, ...)
{
    va_list args;

    if (err == NULL)
        return -1;
    reset(err);
    err->exit_code = exit_code;
    snprintf(err->code, sizeof(err->code), "%s", code);
    va_start(args, format);
    vsnprintf(err->text, sizeof(err->text), format, args);
    va_end(args);
    return -1;
}

int err_help(struct err *err, const char *format, ...)
{
    size_t len;
    va_list args;

    if (err == NULL)
        return -1;
    len = strlen(err->help);
    if (len > 0 && len + 1 < sizeof(err->help)) {
        err->help[len++] = '\n';
        err->help[len] = '\0';
    }
    va_start(args, format);
    vsnprintf(err->help + len, sizeof(err->help) - len, format, args);
    va_end(args);
    return -1;
}

int err_place(struct err *err, const char *format, ...)
{
    va_list args;

    if (err == NULL)
        return -1;
    va_start(args, format);
    vsnprintf(err->place, sizeof(err->place), format, args);
    va_end(args);
    return -1;
}
