/* SPDX-License-Identifier: MIT */

#include "emulator/pages/tabs.h"

#include "base/html.h"

void tabs_show(struct buf *out, const char *name, const struct tab *tabs,
               const char *current)
{
    html_addf(out, "<nav class=\"tabs\" aria-label=\"%s\"><ul>", name);
    for (; tabs->label != NULL; tabs++) {
        html_addf(out, "<li><a href=\"%s\"", tabs->path);
        if (strcmp(tabs->label, current) == 0)
            html_add(out, " aria-current=\"page\"");
        html_addf(out, ">%s</a></li>", tabs->label);
    }
    html_add(out, "</ul></nav>\n");
}
