/* SPDX-License-Identifier: MIT */

#include "cli/print.h"

#include <langinfo.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/time_text.h"

enum { TEXT_MAX = 1 << 20, DEFAULT_COLUMNS = 80 };

static const struct {
    struct bytes symbol;
    const char *plain;
} fallbacks[] = {
    {BYTES("→"), "->"},  {BYTES("←"), "<-"},  {BYTES("ƒ"), "fn"},  {BYTES("✔"), "ok"},
    {BYTES("✖"), "x"},   {BYTES("⚿"), "key"}, {BYTES("≋"), "seg"}, {BYTES("–"), "-"},
    {BYTES("…"), "..."}, {BYTES("·"), "-"},   {BYTES("•"), "*"},   {BYTES("↻"), "again"},
};

static const char *const style_codes[] = {
    [PRINT_PLAIN] = "",        [PRINT_BOLD] = "\033[1m",   [PRINT_DIM] = "\033[2m",
    [PRINT_RED] = "\033[31m",  [PRINT_GREEN] = "\033[32m", [PRINT_YELLOW] = "\033[33m",
    [PRINT_BLUE] = "\033[34m",
};

static bool environment_has(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && value[0] != '\0';
}

static bool may_color(const char *color, bool is_terminal)
{
    const char *term = getenv("TERM");

    if (strcmp(color, "always") == 0)
        return true;
    if (strcmp(color, "never") == 0 || environment_has("NO_COLOR"))
        return false;
    if (environment_has("FORCE_COLOR"))
        return true;
    return is_terminal && (term == NULL || strcmp(term, "dumb") != 0);
}

static int terminal_columns(int fd)
{
    struct winsize size;

    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return DEFAULT_COLUMNS;
}

void print_setup(struct print *print, FILE *file, const char *color)
{
    *print = (struct print){.file = file, .is_terminal = isatty(fileno(file)) == 1};
    print->use_color = may_color(color, print->is_terminal);
    print->use_unicode = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    print->columns = print->is_terminal ? terminal_columns(fileno(file)) : 0;
}

/* The length that a UTF-8 character's first byte announces; 0: it begins none. */
static size_t announced_len(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first >= 0xf5)
        return 0;
    if (first < 0xe0)
        return 2;
    return first < 0xf0 ? 3 : 4;
}

/* How many bytes the UTF-8 character at the front has; 0: it is none. */
static size_t character_len(struct bytes text)
{
    size_t len = announced_len((unsigned char)text.ptr[0]);

    if (len > text.len)
        return 0;
    for (size_t i = 1; i < len; i++) {
        if (((unsigned char)text.ptr[i] & 0xc0) != 0x80)
            return 0;
    }
    return len;
}

static const char *fallback_for(struct bytes character)
{
    for (size_t i = 0; i < COUNT(fallbacks); i++) {
        if (bytes_eq(fallbacks[i].symbol, character))
            return fallbacks[i].plain;
    }
    return "?";
}

static void add_as_ascii(struct bytes text, struct buf *out)
{
    while (text.len > 0) {
        size_t len = character_len(text);

        if (len == 1)
            buf_add_char(out, text.ptr[0]);
        else
            buf_add_text(out, fallback_for(bytes_slice(text, 0, len)));
        text = bytes_slice(text, len > 0 ? len : 1, text.len);
    }
}

static void write_adapted(const struct print *print, struct bytes text)
{
    struct buf out;

    if (print->use_unicode) {
        print_raw(print, text);
        return;
    }
    buf_init(&out, TEXT_MAX);
    add_as_ascii(text, &out);
    print_raw(print, buf_bytes(&out));
    buf_done(&out);
}

printf_like(3, 0) static void write_formatted(const struct print *print,
                                              enum print_style style, const char *format,
                                              va_list args)
{
    cleanup(freep) char *text = NULL;
    int len = vasprintf(&text, format, args);
    bool is_styled = print->use_color && style != PRINT_PLAIN;

    if (len < 0) {
        text = NULL;
        return;
    }
    if (is_styled)
        fputs(style_codes[style], print->file);
    write_adapted(print, bytes_of(text, (size_t)len));
    if (is_styled)
        fputs("\033[0m", print->file);
}

void print_text(const struct print *print, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    write_formatted(print, PRINT_PLAIN, format, args);
    va_end(args);
}

void print_styled(const struct print *print, enum print_style style, const char *format,
                  ...)
{
    va_list args;

    va_start(args, format);
    write_formatted(print, style, format, args);
    va_end(args);
}

void print_raw(const struct print *print, struct bytes bytes)
{
    if (bytes.len > 0)
        fwrite(bytes.ptr, 1, bytes.len, print->file);
}

void print_record(const struct print *print, struct bytes bytes)
{
    print_raw(print, bytes);
    fputc('\n', print->file);
    fflush(print->file);
}

void print_clean(struct bytes text, struct buf *ret_text)
{
    clean_add(text, ret_text);
}

size_t print_width(struct bytes text)
{
    size_t width = 0;

    for (size_t i = 0; i < text.len; i++)
        width += ((unsigned char)text.ptr[i] & 0xc0) != 0x80;
    return width;
}

struct bytes print_cut(struct bytes text, size_t columns)
{
    size_t width = 0;

    for (size_t i = 0; i < text.len; i++) {
        width += ((unsigned char)text.ptr[i] & 0xc0) != 0x80;
        if (width > columns)
            return bytes_slice(text, 0, i);
    }
    return text;
}

void print_time(const struct print *print, int64_t time_ms, struct buf *ret_text)
{
    char text[TIME_TEXT_LEN + 1];
    time_t seconds = (time_t)(time_ms / 1000);
    struct tm local;

    if (!print->is_terminal || localtime_r(&seconds, &local) == NULL) {
        time_text_format(time_ms, text);
        buf_add_text(ret_text, text);
        return;
    }
    buf_addf(ret_text, "%02d:%02d:%02d.%03d", local.tm_hour, local.tm_min, local.tm_sec,
             (int)(time_ms % 1000));
}

static void add_two_units(struct buf *out, int64_t seconds)
{
    static const struct {
        int64_t seconds;
        const char *name;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "m"}, {1, "s"}};
    size_t i = 0;

    while (i + 1 < COUNT(units) && seconds < units[i].seconds)
        i++;
    buf_addf(out, "%lld %s", (long long)(seconds / units[i].seconds), units[i].name);
    if (i + 1 < COUNT(units) && seconds % units[i].seconds >= units[i + 1].seconds)
        buf_addf(out, " %lld %s",
                 (long long)(seconds % units[i].seconds / units[i + 1].seconds),
                 units[i + 1].name);
}

void print_duration(int64_t duration_us, struct buf *ret_text)
{
    if (duration_us < 100 * 1000)
        buf_addf(ret_text, "%.1f ms", (double)duration_us / 1e3);
    else if (duration_us < 1000 * 1000)
        buf_addf(ret_text, "%lld ms", (long long)(duration_us / 1000));
    else if (duration_us < 10 * 1000 * 1000)
        buf_addf(ret_text, "%.1f s", (double)duration_us / 1e6);
    else
        add_two_units(ret_text, duration_us / (1000 * 1000));
}

void print_size(int64_t size_bytes, struct buf *ret_text)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB"};
    double size = (double)size_bytes / 1000;
    size_t i = 0;

    if (size_bytes < 1000) {
        buf_addf(ret_text, "%lld bytes", (long long)size_bytes);
        return;
    }
    for (; size >= 1000 && i + 1 < COUNT(units); i++)
        size /= 1000;
    buf_addf(ret_text, size < 10 ? "%.1f %s" : "%.0f %s", size, units[i]);
}
