/* SPDX-License-Identifier: MIT */

// Where the pieces of a shown value go: on one line, below each other, or in columns.

/** Columns that a text takes: wide characters take two, marks that combine none. */
function widthOf(text) {
    let width = 0;
    for (const c of text.replace(/\u001b\[\d+m/g, '').normalize('NFC'))
        width += /\p{Mn}|\p{Me}|\p{Cf}|[\0-\x1f\x7f-\x9f]/u.test(c) ? 0
            : /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u.test(c) ? 2 : 1;
    return width;
}

const HEIGHT_OF_CHARACTER = 2.5; // in widths: lists become about as high as they are wide
const MAX_COLUMNS = 15;

/** Pieces of a long list, put together into lines of columns; as they are when that is not nicer. */
function inColumns(view, items, value) {
    const hasRest = view.maxArrayLength < items.length;
    const cells = hasRest ? items.slice(0, -1) : items;
    const widths = cells.map(widthOf);
    const widest = Math.max(...widths) + 2;
    const total = widths.reduce((sum, width) => sum + width + 2, 0);
    if (widest * 3 + view.indent >= view.breakLength || !(total / widest > 5 || widest <= 8))
        return items;
    const biased = Math.max(widest - 3 - Math.sqrt(widest - total / items.length), 1);
    const n = Math.min(
        Math.round(Math.sqrt(HEIGHT_OF_CHARACTER * biased * cells.length) / biased),
        Math.floor((view.breakLength - view.indent) / widest), view.compact * 4, MAX_COLUMNS);
    if (n <= 1)
        return items;
    const columns = Array.from({ length: n }, (none, column) =>
        Math.max(0, ...widths.filter((width, i) => i % n === column)) + 2);
    const areNumbers = cells.every((cell, i) => ['number', 'bigint'].includes(typeof value[i]));
    const lines = [];
    for (let at = 0; at < cells.length; at += n) {
        const row = cells.slice(at, at + n);
        lines.push(row.map((cell, i) => {
            const isLast = i === row.length - 1;
            const room = columns[i] + cell.length - widths[at + i];
            if (areNumbers)
                return isLast ? cell.padStart(room - 2) : `${cell}, `.padStart(room);
            return isLast ? cell : `${cell}, `.padEnd(room);
        }).join(''));
    }
    return hasRest ? [...lines, items.at(-1)] : lines;
}

function fitsLine(view, { items, base, open }) {
    const start = items.length + view.indent + open.length + base.length + 10;
    let total = items.length + start;
    if (total + items.length > view.breakLength)
        return false;
    for (const item of items)
        total += view.colors ? item.replace(/\u001b\[\d+m/g, '').length : item.length;
    return total <= view.breakLength && !base.includes('\n');
}

/** {items, base, open, close, isList, value} as text. */
function layOut(view, parts) {
    const { base, open, close } = parts;
    let { items } = parts;
    const head = base ? `${base} ` : '';
    if (view.compact === true)
        return `${head}${open} ${items.join(', ')} ${close}`;
    if (view.compact >= 1) {
        const n = items.length;
        if (parts.isList && n > 6)
            items = inColumns(view, items, parts.value);
        const isShallow = view.deepest - view.level < view.compact;
        if (isShallow && n === items.length && fitsLine(view, { ...parts, items })) {
            const line = items.join(', ');
            if (!line.includes('\n'))
                return `${head}${open} ${line} ${close}`;
        }
    }
    const indent = `\n${' '.repeat(view.indent)}`;
    return `${head}${open}${indent}  ${items.join(`,${indent}  `)}${indent}${close}`;
}
