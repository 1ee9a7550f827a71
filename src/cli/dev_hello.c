/* SPDX-License-Identifier: MIT */

#include "cli/dev_hello.h"

#include "base/err.h"
#include "sys/disk.h"

static const char source[] =
    "// Your function: Segment's events come in, requests to your API go out.\n"
    "// Save this file while `partnerapp dev` runs: it reloads at once.\n"
    "// settings: what the customer configured. settings.endpoint: where requests go.\n"
    "\n"
    "async function send(note, settings) {\n"
    "  const response = await fetch(settings.endpoint, {\n"
    "    method: 'POST',\n"
    "    headers: { 'Content-Type': 'application/json' },\n"
    "    body: JSON.stringify(note),\n"
    "  }).catch((error) => {\n"
    "    throw new RetryError(error.message); // nobody answered: try this event later\n"
    "  });\n"
    "  // RetryError again: later. Any other error would mean: give this event up.\n"
    "  if (response.status === 429 || response.status >= 500)\n"
    "    throw new RetryError(`the API answered ${response.status}`);\n"
    "  return note;\n"
    "}\n"
    "\n"
    "const person = (event) => event.userId || event.anonymousId;\n"
    "\n"
    "// A track call becomes a note on the contact, as a CRM would want it.\n"
    "async function onTrack(event, settings) {\n"
    "  console.log('got', event.event);\n"
    "  return send({ contact: person(event), note: event.event, details: "
    "event.properties "
    "}, settings);\n"
    "}\n"
    "async function onIdentify(event, settings) {\n"
    "  return send({ contact: person(event), fields: event.traits }, settings);\n"
    "}\n"
    "async function onPage(event, settings) {\n"
    "  return send({ contact: person(event), note: `viewed ${event.name || 'a page'}` }, "
    "settings);\n"
    "}\n"
    "async function onScreen(event, settings) {\n"
    "  return send({ contact: person(event), note: `opened ${event.name || 'a screen'}` "
    "}, "
    "settings);\n"
    "}\n"
    "async function onGroup(event, settings) {\n"
    "  return send({ contact: person(event), company: event.groupId, fields: "
    "event.traits "
    "}, settings);\n"
    "}\n"
    "async function onAlias(event, settings) {\n"
    "  return send({ merge: event.previousId, into: event.userId }, settings);\n"
    "}\n"
    "async function onDelete(event, settings) {\n"
    "  return send({ forget: event.userId }, settings);\n"
    "}\n";

static int make_parent(const char *path, struct err *err)
{
    cleanup(freep) char *folder = bytes_copy(bytes_str(path));
    char *slash = strrchr(folder, '/');

    if (slash == NULL || slash == folder)
        return 0;
    *slash = '\0';
    return disk_make_folder(folder, err);
}

int dev_hello_write(const char *path, bool *ret_written, struct err *err)
{
    *ret_written = false;
    if (disk_exists(path))
        return 0;
    if (make_parent(path, err) < 0 ||
        disk_replace(path, bytes_str(source), 0644, err) < 0)
        return -1;
    *ret_written = true;
    return 0;
}
