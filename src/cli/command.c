/* SPDX-License-Identifier: MIT */

#include "cli/command.h"

#include "core/suggest.h"

enum { NEAR = 2 };

static const struct flag global_flags[] = {
    {.name = "help", .letter = 'h', .summary = "examples and flags of a command"},
    {.name = "json", .summary = "one JSON object on stdout; streams: one object a line"},
    {.name = "quiet", .letter = 'q', .summary = "no conversation on stderr"},
    {.name = "color",
     .kind = FLAG_CHOICE,
     .value = "WHEN",
     .choices = "auto always never",
     .default_text = "auto",
     .summary = "auto, always or never"},
    {.name = "config",
     .kind = FLAG_PATH,
     .value = "FILE",
     .environment = "PARTNERAPP_CONFIG",
     .summary = "the configuration file"},
    {.name = "data",
     .kind = FLAG_PATH,
     .value = "DIR",
     .environment = "PARTNERAPP_DATA",
     .summary = "the data folder"},
    {.name = "server",
     .kind = FLAG_TEXT,
     .value = "URL",
     .environment = "PARTNERAPP_SERVER",
     .summary = "admin address of a running service"},
    {.name = NULL},
};

const struct flag *command_global_flags(void)
{
    return global_flags;
}

const char *command_group_title(enum command_group group)
{
    static const char *const titles[] = {
        [GROUP_START] = "Start", [GROUP_WORK] = "Work",    [GROUP_LOOK] = "Look",
        [GROUP_FIX] = "Fix",     [GROUP_SETUP] = "Set up",
    };

    return group < GROUP_N ? titles[group] : "";
}

/* Whether @name is "@first @second"; a NULL @second: whether it is @first alone. */
static bool is_named(const char *name, const char *first, const char *second)
{
    size_t len = strlen(first);

    if (strncmp(name, first, len) != 0)
        return false;
    if (second == NULL)
        return name[len] == '\0';
    return name[len] == ' ' && strcmp(name + len + 1, second) == 0;
}

static const struct command *find_named(const char *first, const char *second)
{
    const size_t n_commands = command_count();

    for (size_t i = 0; i < n_commands; i++) {
        if (is_named(command_at(i)->name, first, second))
            return command_at(i);
    }
    return NULL;
}

const struct command *command_find(const char *first, const char *second,
                                   size_t *ret_n_words)
{
    const struct command *found = second != NULL ? find_named(first, second) : NULL;

    *ret_n_words = found != NULL ? 2 : 1;
    return found != NULL ? found : find_named(first, NULL);
}

bool command_is_family(const char *word)
{
    const size_t n_commands = command_count();
    size_t len = strlen(word);

    for (size_t i = 0; i < n_commands; i++) {
        if (strncmp(command_at(i)->name, word, len) == 0 &&
            command_at(i)->name[len] == ' ')
            return true;
    }
    return false;
}

static const struct flag *find_flag(const struct flag *flags, struct bytes name,
                                    char letter)
{
    for (; flags != NULL && flags->name != NULL; flags++) {
        if (letter != 0 ? flags->letter == letter
                        : bytes_eq(bytes_str(flags->name), name))
            return flags;
    }
    return NULL;
}

const struct flag *command_flag(const struct command *command, const char *name,
                                size_t len, char letter)
{
    const struct flag *found =
        find_flag(command_global_flags(), bytes_of(name, len), letter);
    const size_t n_commands = command_count();

    if (found != NULL)
        return found;
    if (command != NULL)
        return find_flag(command->flags, bytes_of(name, len), letter);
    for (size_t i = 0; i < n_commands && found == NULL; i++)
        found = find_flag(command_at(i)->flags, bytes_of(name, len), letter);
    return found;
}

/* The best suggestion so far. */
struct nearest {
    struct bytes wrong;
    struct bytes name;
    size_t distance;
};

static void consider(struct nearest *nearest, const char *name, size_t len)
{
    size_t far = suggest_distance(nearest->wrong, bytes_of(name, len));

    /* Of a short word, two changes leave nothing that was typed. */
    if (far < nearest->distance && far * 2 < nearest->wrong.len + 1) {
        nearest->distance = far;
        nearest->name = bytes_of(name, len);
    }
}

struct bytes command_suggest(const char *family, const char *wrong)
{
    struct nearest nearest = {bytes_str(wrong), BYTES(""), NEAR + 1};
    const size_t n_commands = command_count();

    for (size_t i = 0; i < n_commands; i++) {
        const char *name = command_at(i)->name;
        size_t len = strcspn(name, " ");

        if (family == NULL)
            consider(&nearest, name, len);
        else if (bytes_eq(bytes_of(name, len), bytes_str(family)) && name[len] == ' ')
            consider(&nearest, name + len + 1, strlen(name + len + 1));
    }
    return nearest.name;
}

struct bytes command_suggest_flag(const struct command *command, const char *wrong)
{
    size_t dashes = strspn(wrong, "-");
    struct nearest nearest = {bytes_of(wrong + dashes, strcspn(wrong + dashes, "=")),
                              BYTES(""), NEAR + 1};
    const struct flag *lists[] = {command_global_flags(),
                                  command != NULL ? command->flags : NULL};

    for (size_t i = 0; i < COUNT(lists); i++) {
        for (const struct flag *flag = lists[i]; flag != NULL && flag->name != NULL;
             flag++)
            consider(&nearest, flag->name, strlen(flag->name));
    }
    return nearest.name;
}
