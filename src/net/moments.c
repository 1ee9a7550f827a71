/* SPDX-License-Identifier: MIT */

#include "net/moments.h"

#include <curl/curl.h>

#include "net/client.h"

static int64_t moment_us(CURL *easy, CURLINFO info)
{
    curl_off_t time_us = 0;

    (void)curl_easy_getinfo(easy, info, &time_us);
    return time_us;
}

int64_t moments_lookup_us(void *easy)
{
    return moment_us(easy, CURLINFO_NAMELOOKUP_TIME_T);
}

/* From the last moment that is known to @moment; both may not have come. */
static int64_t since(int64_t *last, int64_t moment)
{
    int64_t took_us = moment > *last ? moment - *last : 0;

    *last = moment > *last ? moment : *last;
    return took_us;
}

void moments_read(void *easy, int64_t looked_us, struct client_timing *ret_timing)
{
    int64_t last_us = 0;

    ret_timing->dns_us =
        looked_us + since(&last_us, moment_us(easy, CURLINFO_NAMELOOKUP_TIME_T));
    ret_timing->connect_us = since(&last_us, moment_us(easy, CURLINFO_CONNECT_TIME_T));
    ret_timing->tls_us = since(&last_us, moment_us(easy, CURLINFO_APPCONNECT_TIME_T));
    ret_timing->first_byte_us =
        since(&last_us, moment_us(easy, CURLINFO_STARTTRANSFER_TIME_T));
}
