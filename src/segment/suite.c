/* SPDX-License-Identifier: MIT */

#include "segment/suite.h"

#include "base/embedded_file.h"
#include "suite_files.h"

static const struct {
    const char *file, *name;
} events[SUITE_EVENTS_WITH_EXTRA] = {
    {"1-page.json", "Anonymous User Navigates to Homepage"},
    {"2-page.json", "Anonymous User Navigates to Signup Page"},
    {"3-identify.json", "Identify Anonymous User"},
    {"4-track.json", "User Signs Up"},
    {"5-group.json", "User is Grouped into myUsers"},
    {"6-track.json", "User enables an Integration"},
    {"7-track.json", "User Invites a Teammate"},
    {"8-screen.json", "User Opens Mobile Application"},
    {"9-alias.json", "Anonymous User is Aliased"},
    {"10-delete.json", "User is Deleted"},
};

struct suite_event suite_event(size_t index)
{
    const struct embedded_file *embedded = suite_files;

    while (strcmp(embedded->path, events[index].file) != 0)
        embedded++;
    return (struct suite_event){.name = events[index].name, .fixture = embedded->text};
}
