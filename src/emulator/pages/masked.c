/* SPDX-License-Identifier: MIT */

#include "emulator/pages/masked.h"

#include "base/html.h"

void masked_show(struct buf *out, const char *what, struct bytes secret)
{
    if (secret.len == 0) {
        html_addf(out, "<span class=\"muted\">no %s</span>", what);
        return;
    }
    html_addf(out,
              "<details class=\"masked\"><summary>%s <span aria-hidden=\"true\">••••"
              "</span><span class=\"hint\"> show</span></summary><code>%b</code>"
              "</details>",
              what, &secret);
}
