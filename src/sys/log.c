/* SPDX-License-Identifier: MIT */

/*
 * Every value is a stranger's until it is escaped: no byte that ends a line, moves a
 * cursor or turns the reading direction reaches the output, so nobody can forge a line.
 */

#include "sys/log.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/time_text.h"
#include "sys/clock.h"

/* A pipe takes PIPE_BUF bytes in one piece, so that is as long as a line may be. */
enum { LINE_BYTES = 4096, VALUE_BYTES = 1024 };

static const struct level_words {
    const char *name;
    const char *mark;  /* pretty: before the text */
    const char *color; /* pretty: of the mark */
    char priority;     /* syslog's */
} levels[] = {
    [LOG_ERROR] = {"error", "error: ", "\x1b[31m", '3'},
    [LOG_WARN] = {"warn", "warning: ", "\x1b[33m", '4'},
    [LOG_INFO] = {"info", "", "", '6'},
    [LOG_DEBUG] = {"debug", "debug: ", "\x1b[2m", '7'},
};

static struct {
    atomic_int level;
    atomic_int format;
    atomic_bool use_color;
    atomic_bool is_journal;
    atomic_uint_fast64_t n_errors;
} log_state = {.level = LOG_INFO};

static struct {
    pthread_mutex_t lock;
    char *lines[LOG_KEPT];
    size_t next; /* the oldest's place */
} kept = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct {
    pthread_mutex_t lock; /* else two find room for one line, and one of them waits */
    unsigned n_missing;
} output = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* JOURNAL_STREAM names the journal's socket by device and inode. A program may inherit
 * the variable from a desktop session and still write to a file: hence the comparison. */
static bool is_journal(void)
{
    struct bytes inode_text = bytes_str(getenv("JOURNAL_STREAM"));
    struct bytes device_text = bytes_take_until(&inode_text, ':');
    int64_t device;
    int64_t inode;
    struct stat st;

    return bytes_to_i64(device_text, &device) && bytes_to_i64(inode_text, &inode) &&
           fstat(STDERR_FILENO, &st) == 0 && st.st_dev == (dev_t)device &&
           st.st_ino == (ino_t)inode;
}

void log_setup(const struct log_options *options)
{
    atomic_store(&log_state.level, (int)options->level);
    atomic_store(&log_state.format, (int)options->format);
    atomic_store(&log_state.use_color, options->use_color);
    atomic_store(&log_state.is_journal, is_journal());
}

bool log_is_on(enum log_level level)
{
    return (int)level <= atomic_load_explicit(&log_state.level, memory_order_relaxed);
}

uint64_t log_n_errors(void)
{
    return atomic_load(&log_state.n_errors);
}

bool log_limit(struct log_limit *limit, unsigned per_second, unsigned *ret_dropped)
{
    int64_t second = clock_now_ms() / 1000;

    if (second != limit->second) {
        limit->second = second;
        limit->n_lines = 0;
    }
    if (limit->n_lines >= per_second) {
        limit->n_dropped++;
        return false;
    }
    limit->n_lines++;
    *ret_dropped = limit->n_dropped;
    limit->n_dropped = 0;
    return true;
}

/* How many bytes a UTF-8 character has by its first; 0 when none starts so. */
static size_t char_len(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* The length of the UTF-8 character at the start of @text, 0 when there is none. */
static size_t decode(struct bytes text, uint32_t *ret_char)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *at = (const unsigned char *)text.ptr;
    const size_t len = char_len(at[0]);
    uint32_t c = len == 1 ? at[0] : at[0] & (0xffU >> (len + 1));

    if (len == 0 || text.len < len)
        return 0;
    for (size_t i = 1; i < len; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        c = (c << 6) | (at[i] & 0x3f);
    }
    *ret_char = c;
    return c >= least[len] && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff) ? len : 0;
}

/* Controls, and what a terminal or a reader takes as one: line and paragraph separators,
 * marks and overrides of direction, the byte order mark. */
static bool is_visible(uint32_t c)
{
    return c >= 0x20 && !(c >= 0x7f && c < 0xa0) && !(c >= 0x200e && c <= 0x200f) &&
           !(c >= 0x2028 && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069) && c != 0xfeff;
}

static void add_hidden(struct buf *line, uint32_t c)
{
    if (c == '\n')
        (void)buf_add_text(line, "\\n");
    else if (c == '\t')
        (void)buf_add_text(line, "\\t");
    else if (c == '\r')
        (void)buf_add_text(line, "\\r");
    else
        (void)buf_addf(line, "\\u%04x", c);
}

static void add_char(struct buf *line, struct bytes text, uint32_t c, bool is_quoted)
{
    if (!is_visible(c)) {
        add_hidden(line, c);
        return;
    }
    if (is_quoted && (c == '"' || c == '\\'))
        (void)buf_add_char(line, '\\');
    (void)buf_add(line, text);
}

/* @is_quoted: quotes and backslashes are escaped too. A byte that is no UTF-8 becomes the
 * replacement character. */
static void add_escaped(struct buf *line, struct bytes text, bool is_quoted)
{
    const bool is_cut = text.len > VALUE_BYTES;

    text = bytes_slice(text, 0, VALUE_BYTES);
    while (text.len > 0) {
        uint32_t c;
        size_t len = decode(text, &c);

        if (len > 0)
            add_char(line, bytes_slice(text, 0, len), c, is_quoted);
        else if (!is_cut || text.len >= 4) /* what the cut halved is not their fault */
            (void)buf_add_text(line, "\xef\xbf\xbd");
        text = bytes_slice(text, len > 0 ? len : 1, text.len);
    }
    if (is_cut)
        (void)buf_add_text(line, "…");
}

static void add_quoted(struct buf *line, const char *text)
{
    (void)buf_add_char(line, '"');
    add_escaped(line, bytes_str(text), /* is_quoted= */ true);
    (void)buf_add_char(line, '"');
}

static bool is_plain(const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        if (*at <= ' ' || *at > '~' || *at == '"' || *at == '=' || *at == '\\')
            return false;
    }
    return *text != '\0';
}

static void add_value(struct buf *line, const struct log_field *field)
{
    if (field->text == NULL)
        (void)buf_add_i64(line, field->number);
    else if (is_plain(field->text))
        add_escaped(line, bytes_str(field->text), /* is_quoted= */ false);
    else
        add_quoted(line, field->text);
}

static void format_logfmt(struct buf *line, enum log_level level, const char *message,
                          const struct log_field *fields, bool is_journal_line)
{
    char time[TIME_TEXT_LEN + 1];

    if (is_journal_line) {
        (void)buf_addf(line, "<%c>", levels[level].priority);
    } else {
        time_text_format(clock_wall_ms(), time);
        (void)buf_addf(line, "time=%s ", time);
    }
    (void)buf_addf(line, "level=%s msg=", levels[level].name);
    add_quoted(line, message);
    for (; fields->key != NULL; fields++) {
        (void)buf_addf(line, " %s=", fields->key);
        add_value(line, fields);
    }
}

static void format_json(struct buf *line, enum log_level level, const char *message,
                        const struct log_field *fields)
{
    char time[TIME_TEXT_LEN + 1];

    time_text_format(clock_wall_ms(), time);
    (void)buf_addf(line, "{\"time\":\"%s\",\"level\":\"%s\",\"msg\":", time,
                   levels[level].name);
    add_quoted(line, message);
    for (; fields->key != NULL; fields++) {
        const size_t len = line->len;

        (void)buf_addf(line, ",\"%s\":", fields->key);
        if (fields->text != NULL)
            add_quoted(line, fields->text);
        else
            (void)buf_add_i64(line, fields->number);
        /* Half a field would spoil the object; room for its end was left. */
        if (line->full) {
            line->len = len;
            break;
        }
    }
    line->full = false;
    line->max_bytes = LINE_BYTES - 1;
    (void)buf_add_char(line, '}');
}

static void format_pretty(struct buf *line, enum log_level level, const char *message,
                          const struct log_field *fields)
{
    const struct level_words *words = &levels[level];
    const bool use_color = atomic_load(&log_state.use_color);
    const int64_t now_ms = clock_wall_ms();
    const time_t now_s = (time_t)(now_ms / 1000);
    struct tm day;

    localtime_r(&now_s, &day);
    (void)buf_addf(line, "%02d:%02d:%02d.%03d  ", day.tm_hour, day.tm_min, day.tm_sec,
                   (int)(now_ms % 1000));
    if (*words->mark != '\0')
        (void)buf_addf(line, "%s%s%s", use_color ? words->color : "", words->mark,
                       use_color ? "\x1b[0m" : "");
    add_escaped(line, bytes_str(message), /* is_quoted= */ false);
    for (; fields->key != NULL; fields++) {
        (void)buf_addf(line, use_color ? "  \x1b[2m%s=\x1b[0m" : "  %s=", fields->key);
        add_value(line, fields);
    }
}

static void format_line(struct buf *line, enum log_level level, const char *message,
                        const struct log_field *fields)
{
    buf_init(line, LINE_BYTES - 2); /* "}" and the line's end always fit */
    switch ((enum log_format)atomic_load(&log_state.format)) {
    case LOG_LOGFMT:
        format_logfmt(line, level, message, fields, atomic_load(&log_state.is_journal));
        break;
    case LOG_JSON:
        format_json(line, level, message, fields);
        break;
    case LOG_PRETTY:
        format_pretty(line, level, message, fields);
        break;
    }
    line->max_bytes = LINE_BYTES;
    (void)buf_add_char(line, '\n');
}

/* Nobody waits for a pipe that is not read, or a terminal that was stopped. */
static bool is_writable(void)
{
    struct pollfd output_fd = {.fd = STDERR_FILENO, .events = POLLOUT};

    return poll(&output_fd, 1, 0) != 0;
}

static void write_line(const struct buf *line)
{
    ssize_t n;

    if (!is_writable()) {
        output.n_missing++;
        return;
    }
    do {
        n = write(STDERR_FILENO, line->ptr, line->len);
    } while (n < 0 && errno == EINTR);
}

/* Before the next line that is written. */
static void tell_missing(void)
{
    const struct log_field fields[] = {LOG_I64("lines", output.n_missing), {0}};
    struct buf line;

    if (output.n_missing == 0 || !is_writable())
        return;
    output.n_missing = 0;
    format_line(&line, LOG_WARN, "nobody read the log for a while; lines are missing",
                fields);
    write_line(&line);
    buf_done(&line);
}

static void keep_line(enum log_level level, const char *message,
                      const struct log_field *fields)
{
    struct buf line;

    buf_init(&line, LINE_BYTES);
    format_logfmt(&line, level, message, fields, /* is_journal_line= */ false);
    pthread_mutex_lock(&kept.lock);
    free(kept.lines[kept.next]);
    kept.lines[kept.next] = bytes_copy(buf_bytes(&line));
    kept.next = (kept.next + 1) % LOG_KEPT;
    pthread_mutex_unlock(&kept.lock);
    buf_done(&line);
}

void log_each_kept(void (*fn)(void *arg, struct bytes line), void *arg)
{
    pthread_mutex_lock(&kept.lock);
    for (size_t i = 0; i < LOG_KEPT; i++) {
        const char *line = kept.lines[(kept.next + i) % LOG_KEPT];

        if (line != NULL)
            fn(arg, bytes_str(line));
    }
    pthread_mutex_unlock(&kept.lock);
}

void log_fields(enum log_level level, const char *message, const struct log_field *fields)
{
    struct buf line;

    if (level == LOG_ERROR)
        atomic_fetch_add(&log_state.n_errors, 1);
    if (level <= LOG_WARN)
        keep_line(level, message, fields);
    if (!log_is_on(level))
        return;

    format_line(&line, level, message, fields);
    pthread_mutex_lock(&output.lock);
    tell_missing();
    write_line(&line);
    pthread_mutex_unlock(&output.lock);
    buf_done(&line);
}
