/* SPDX-License-Identifier: MIT */

#include "cli/setup.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/err.h"
#include "cli/call.h"
#include "cli/diagnostic.h"
#include "sys/child.h"
#include "sys/disk.h"
#include "sys/log.h"
#include "json/json.h"

#define HERE "partnerapp.yaml"
#define SYSTEM "/etc/partnerapp/partnerapp.yaml"
#define DEV_DATA ".partnerapp"
#define SYSTEM_DATA "/var/lib/partnerapp"

enum { FILE_MAX = 1 << 20, PROBLEMS_MAX = 1 << 20, VALUES_MAX = 16 << 20 };

static int read_file(const char *path, struct buf *ret, struct err *err)
{
    return disk_read(path, ret, err);
}

static const char *find_file(const struct call *call, bool is_dev)
{
    const char *given = call_text(call, "config");

    if (given != NULL)
        return given;
    if (disk_exists(HERE))
        return HERE;
    return !is_dev && disk_exists(SYSTEM) ? SYSTEM : NULL;
}

int setup_read(struct setup *setup, const struct call *call, bool is_dev, struct err *err)
{
    *setup = (struct setup){.is_dev = is_dev};
    arena_init(&setup->arena);
    buf_init(&setup->file, FILE_MAX);
    buf_init(&setup->dotenv, FILE_MAX);

    setup->file_path = find_file(call, is_dev);
    if (setup->file_path != NULL && !disk_exists(setup->file_path)) {
        err_code(err, "PA1002", ERR_CONFIG, "no file `%s`", setup->file_path);
        return err_help(err, "partnerapp config reference shows what can stand in one");
    }
    if (setup->file_path != NULL && disk_read(setup->file_path, &setup->file, err) < 0) {
        err->exit_code = ERR_CONFIG;
        return -1;
    }
    if (disk_exists(".env") && disk_read(".env", &setup->dotenv, err) < 0) {
        err->exit_code = ERR_CONFIG;
        return -1;
    }
    return 0;
}

void setup_done(struct setup *setup)
{
    secret_wipe(setup->dotenv.ptr, setup->dotenv.len);
    buf_done(&setup->dotenv);
    buf_done(&setup->file);
    arena_done(&setup->arena);
}

void setup_flag(struct setup *setup, const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (setup->n_flags < SETUP_MAX_FLAGS)
        setup->flags[setup->n_flags++] = arena_text(&setup->arena, text);
}

void setup_sources(const struct setup *setup, struct config_sources *ret_sources)
{
    *ret_sources = (struct config_sources){
        .flags = setup->flags,
        .environment = (const char *const *)environ,
        .dotenv = buf_bytes(&setup->dotenv),
        .file = buf_bytes(&setup->file),
        .file_path = setup->file_path,
        .is_dev = setup->is_dev,
        .read_file = read_file,
    };
}

bool setup_has(const struct setup *setup, const char *prefix)
{
    cleanup(buf_done) struct buf text = {0};
    cleanup(json_freep) struct json *values = NULL;
    struct config_sources sources;

    buf_init(&text, VALUES_MAX);
    setup_sources(setup, &sources);
    if (config_show(&sources, &text) < 0 ||
        json_parse(buf_bytes(&text), &values, NULL) < 0)
        return false;
    for (size_t i = 0; i < json_count(values); i++) {
        const struct json *one = json_at(values, i);

        if (bytes_starts(json_string(json_get(one, "key")), bytes_str(prefix)) &&
            !bytes_eq(json_string(json_get(one, "origin")), BYTES("default")))
            return true;
    }
    return false;
}

void setup_show_problems(const struct call *call, const struct config_problems *problems)
{
    struct buf json;

    if (call->wants_json) {
        buf_init(&json, PROBLEMS_MAX);
        diagnostic_json_all(problems->items, problems->n_items, &json);
        print_record(&call->err, buf_bytes(&json));
        buf_done(&json);
        return;
    }
    for (size_t i = 0; i < problems->n_items; i++) {
        diagnostic_print(&call->err, &problems->items[i]);
        print_text(&call->err, "\n");
    }
    print_text(&call->err, "%zu problem%s in the configuration; nothing was started\n",
               problems->n_items, problems->n_items == 1 ? "" : "s");
    print_text(&call->err, "  = help: check without starting: partnerapp config check\n");
}

/* With the values' origins, which a running service is asked for. */
static void keep_shown(struct config *config, const struct config_sources *sources)
{
    cleanup(buf_done) struct buf shown = {0};

    buf_init(&shown, VALUES_MAX);
    if (config_show(sources, &shown) == 0)
        config->shown_json = arena_text(&config->arena, buf_text(&shown));
}

int setup_load(const struct setup *setup, const struct call *call,
               struct config **ret_config)
{
    struct config_sources sources;
    struct config_problems problems = {0};
    int answer;

    setup_sources(setup, &sources);
    answer = config_load(&sources, ret_config, &problems);
    if (answer < 0)
        setup_show_problems(call, &problems);
    else
        keep_shown(*ret_config, &sources);
    config_problems_done(&problems);
    return answer < 0 ? SETUP_BROKEN : 0;
}

const char *setup_data(const struct call *call, bool is_dev)
{
    const char *given = call_text(call, "data");

    if (given != NULL)
        return given;
    return is_dev ? DEV_DATA : SYSTEM_DATA;
}

const char *setup_client_data(const struct call *call)
{
    return setup_data(call, /* is_dev= */ disk_exists(DEV_DATA));
}

int setup_runner(char *ret_path, size_t size, struct err *err)
{
    const char *given = getenv("PARTNERAPP_RUNNER");

    if (given == NULL || given[0] == '\0')
        return child_sibling("partnerapp-runner", ret_path, size, err);
    if ((size_t)snprintf(ret_path, size, "%s", given) >= size)
        return err_set(err, "PARTNERAPP_RUNNER is too long");
    return 0;
}

const char *setup_clock_url(void)
{
    const char *url = getenv("PARTNERAPP_CLOCK_URL");

    return url != NULL && url[0] != '\0' ? url : NULL;
}

void setup_log(const struct config *config, const struct call *call,
               enum config_log_level at_most)
{
    static const enum log_level levels[] = {
        [CONFIG_LOG_ERROR] = LOG_ERROR,
        [CONFIG_LOG_WARN] = LOG_WARN,
        [CONFIG_LOG_INFO] = LOG_INFO,
        [CONFIG_LOG_DEBUG] = LOG_DEBUG,
    };
    static const enum log_format formats[] = {
        [CONFIG_LOG_PRETTY] = LOG_PRETTY,
        [CONFIG_LOG_LOGFMT] = LOG_LOGFMT,
        [CONFIG_LOG_JSON] = LOG_JSON,
    };
    enum config_log_level level = config->log.level;
    struct log_options options = {.use_color = call->err.use_color};

    /* debug was asked for: nobody does that by accident. */
    if (level != CONFIG_LOG_DEBUG && level > at_most)
        level = at_most;
    options.level = levels[level];
    if (config->log.format == CONFIG_LOG_AUTO)
        options.format = call->err.is_terminal ? LOG_PRETTY : LOG_LOGFMT;
    else
        options.format = formats[config->log.format];
    log_setup(&options);
}
