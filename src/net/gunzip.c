/* SPDX-License-Identifier: MIT */

#include "net/gunzip.h"

#include <stdlib.h>

#define ZLIB_CONST /* its input is const, as ours */
#include <zlib.h>

enum { ONLY_GZIP = 16 + MAX_WBITS, STEP_BYTES = 16384 };

/* zlib asks for 40 KB; without that the process could do nothing else either. */
static void begin(z_stream *stream, struct bytes packed)
{
    *stream = (z_stream){0};
    if (inflateInit2(stream, ONLY_GZIP) != Z_OK)
        abort();
    stream->next_in = (const Bytef *)packed.ptr;
    stream->avail_in = (uInt)packed.len;
}

/* One step's output to @ret_text; zlib's answer. */
static int step(z_stream *stream, struct buf *ret_text)
{
    unsigned char out[STEP_BYTES];
    int answer;

    stream->next_out = out;
    stream->avail_out = sizeof(out);
    answer = inflate(stream, Z_NO_FLUSH);
    (void)buf_add(ret_text, bytes_of(out, sizeof(out) - stream->avail_out));
    return answer;
}

static enum gunzip_verdict unpack(z_stream *stream, struct buf *ret_text)
{
    for (;;) {
        const int answer = step(stream, ret_text);

        if (ret_text->full)
            return GUNZIP_TOO_LARGE;
        if (answer == Z_STREAM_END && stream->avail_in == 0)
            return GUNZIP_WHOLE;
        if (answer == Z_STREAM_END && inflateReset(stream) == Z_OK)
            continue;
        if (answer != Z_OK) /* Z_BUF_ERROR: it ends too early */
            return GUNZIP_MALFORMED;
    }
}

enum gunzip_verdict gunzip(struct bytes packed, struct buf *ret_text)
{
    enum gunzip_verdict verdict;
    z_stream stream;

    if (packed.len > UINT32_MAX)
        return GUNZIP_TOO_LARGE;
    begin(&stream, packed);
    verdict = unpack(&stream, ret_text);
    inflateEnd(&stream);
    return verdict;
}
