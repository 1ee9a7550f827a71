/* SPDX-License-Identifier: MIT */

#include "core/advice.h"

#include <string.h>

#include "base/time_text.h"
#include "core/outcome.h"

/* "503" is 503; anything else 0. */
static int status_of(struct bytes name)
{
    int64_t status;

    return name.len == 3 && bytes_to_i64(name, &status) && status >= 100 ? (int)status
                                                                         : 0;
}

static const struct {
    const char *name;
    bool is_temporary;
    const char *text; /* NULL: by the endpoint's state */
} causes[] = {
    {"timeout", true, NULL},
    {"refused", true, NULL},
    {"dns", true, NULL},
    {"tls", true, NULL},
    {"too_large", false,
     "The answers are larger than what is read of one. Mend the endpoint, then replay."},
    {"other", true, NULL},
    {"expired", true, NULL},
    {"RetryError", true, NULL},
    {"Timeout", true,
     "The function took longer than it may, mostly because something that it asks is "
     "slow. A replay may work; if not, raise function_timeout."},
    {"egress", false,
     "The address is not one that may be reached. If it is yours, add it to "
     "egress.allow, "
     "then replay."},
    {"bad_url", false, "The URL is none. Mend the settings, then replay."},
    {"InvalidSettings", false, "The function does not load. Mend it, then replay."},
    {"OutOfMemory", false,
     "The function needs more memory than runners.memory gives. Trying again without a "
     "change will fail again."},
    {"Crashed", false,
     "The function ended its runner. Trying again without a change will fail again."},
    {"EventTooLarge", false,
     "Segment does not take what the function made: it is too large. Mend the function, "
     "then replay."},
    {"401", false, "Trying again without a new key will fail again."},
    {"403", false, "Trying again without a key that may do this will fail again."},
    {"404", false,
     "There is nothing at this address. Mend the URL in the settings, then replay."},
    {"410", false,
     "There is nothing at this address any more. Mend the URL in the settings, then "
     "replay."},
};

static size_t find_cause(struct bytes name)
{
    size_t i = 0;

    while (i < COUNT(causes) && !bytes_eq(name, bytes_str(causes[i].name)))
        i++;
    return i;
}

bool advice_is_temporary(struct bytes error_name)
{
    size_t cause = find_cause(error_name);

    if (cause < COUNT(causes))
        return causes[cause].is_temporary;
    return status_of(error_name) != 0 &&
           outcome_of_http(TRANSPORT_OK, status_of(error_name)) == OUTCOME_RETRY;
}

/* "14:20" of a time of the last day or so; people know which day it is. */
static void add_clock(int64_t time_ms, struct buf *text)
{
    char whole[TIME_TEXT_LEN + 1];

    time_text_format(time_ms, whole);
    buf_addf(text, "%.5s UTC", whole + strlen("2026-09-03T"));
}

static void write_by_endpoint(const struct advice_endpoint *endpoint, int64_t died_at_ms,
                              struct buf *text)
{
    buf_add_text(text, "Usually temporary. ");
    if (endpoint->name == NULL) {
        buf_add_text(text, "A replay may work.");
    } else if (endpoint->is_failing) {
        buf_addf(text, "%s still fails: wait until it answers, then replay.",
                 endpoint->name);
    } else if (endpoint->answered_at_ms > died_at_ms && endpoint->status != 0) {
        buf_addf(text, "%s answered %d at ", endpoint->name, endpoint->status);
        add_clock(endpoint->answered_at_ms, text);
        buf_add_text(text, ", so a replay should work.");
    } else {
        buf_addf(text, "%s has not been asked since; a replay tells.", endpoint->name);
    }
}

void advice_write(struct bytes error_name, const struct advice_endpoint *endpoint,
                  int64_t died_at_ms, struct buf *ret_text)
{
    size_t cause = find_cause(error_name);

    if (cause < COUNT(causes) && causes[cause].text != NULL)
        buf_add_text(ret_text, causes[cause].text);
    else if (advice_is_temporary(error_name))
        write_by_endpoint(endpoint, died_at_ms, ret_text);
    else if (status_of(error_name) != 0)
        buf_add_text(ret_text,
                     "The endpoint does not take these events as they are. Mend "
                     "the function or the settings, then replay.");
    else
        buf_add_text(ret_text, "The function ends with this error. Mend its code, then "
                               "replay; without that it will fail again.");
}
