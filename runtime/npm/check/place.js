/* SPDX-License-Identifier: MIT */

// Places as editors show them: lines end with LF or CR LF, columns count characters, both
// from 1. (The language also ends lines at a lone CR and at U+2028, which no editor does.)

export function placeAt(source, offset) {
    const start = source.lastIndexOf('\n', offset - 1) + 1;
    let line = 1;
    for (let at = source.indexOf('\n'); at >= 0 && at < start; at = source.indexOf('\n', at + 1))
        line++;
    return { line, column: [...source.slice(start, offset)].length + 1 };
}
