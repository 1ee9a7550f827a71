// SPDX-License-Identifier: MIT
// What of a text changed, line by line, with two lines around it.

export interface DiffLine { sign: '+' | '-' | ' ' | '…'; text: string }

const AROUND = 2;
const MOST_CELLS = 4_000_000; // beyond it the middle is shown as replaced

// The longest common lines of what lies between the equal beginning and end.
function middle(a: string[], b: string[]): DiffLine[] {
  const replaced = [...a.map((text): DiffLine => ({ sign: '-', text })), ...b.map((text): DiffLine => ({ sign: '+', text }))];
  const width = b.length + 1;

  if ((a.length + 1) * width > MOST_CELLS) return replaced;
  const best = new Uint32Array((a.length + 1) * width);

  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      best[i * width + j] = a[i] === b[j] ? (best[(i + 1) * width + j + 1] ?? 0) + 1 : Math.max(best[(i + 1) * width + j] ?? 0, best[i * width + j + 1] ?? 0);
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;

  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ sign: ' ', text: a[i++] ?? '' });
      j++;
    } else if (i < a.length && (j === b.length || (best[(i + 1) * width + j] ?? 0) >= (best[i * width + j + 1] ?? 0))) {
      lines.push({ sign: '-', text: a[i++] ?? '' });
    } else {
      lines.push({ sign: '+', text: b[j++] ?? '' });
    }
  }
  return lines;
}

function shortened(lines: DiffLine[]): DiffLine[] {
  const isNear = lines.map((_, at) => lines.slice(Math.max(0, at - AROUND), at + AROUND + 1).some(({ sign }) => sign !== ' '));

  return lines.flatMap((line, at): DiffLine[] => (isNear[at] ? [line] : isNear[at - 1] ? [{ sign: '…', text: '' }] : []));
}

export function diff(from: string, to: string): DiffLine[] {
  const a = from.split('\n');
  const b = to.split('\n');
  let start = 0;
  let end = 0;

  if (from === to) return [];
  while (start < Math.min(a.length, b.length) && a[start] === b[start]) start++;
  while (end < Math.min(a.length, b.length) - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const around = (list: string[]): DiffLine[] => list.map((text) => ({ sign: ' ', text }));

  return shortened([...around(a.slice(0, start)), ...middle(a.slice(start, a.length - end), b.slice(start, b.length - end)), ...around(a.slice(a.length - end))]);
}
