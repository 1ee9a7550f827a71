// SPDX-License-Identifier: MIT
// Browsers on the stream, without browsers: readers.mjs URL N TOKEN. Each reads its stream as the
// console does and throws it away. A line on standard input is answered with what came since the
// last one: {"bytes", "rows", "sampled", "gaps", "open"}.

import http from 'node:http';
import readline from 'node:readline';

const [address, count, token] = process.argv.slice(2);
const target = new URL('/api/v1/stream?topics=stats,events,jobs', address);
const headers = { Accept: 'text/event-stream', Authorization: `Bearer ${token}` };
const nothing = () => ({ bytes: 0, rows: 0, sampled: 0, gaps: 0 });
const names = { sampled: 'sampled', gap: 'gaps', event: 'rows', delivery: 'rows' };
let since = nothing();
let open = 0;

function take(part) {
  since.bytes += part.length;
  for (const [, name] of part.matchAll(/^event: (\w+)$/gm)) if (names[name]) since[names[name]]++;
}

for (let i = 0; i < Number(count); i++)
  http.get(target, { headers, agent: false }, (answer) => {
    if (answer.statusCode !== 200) throw new Error(`the stream answers ${answer.statusCode}`);
    open++;
    answer.setEncoding('latin1').on('data', take);
    answer.on('close', () => { open--; });
  });

readline.createInterface({ input: process.stdin }).on('line', () => {
  console.log(JSON.stringify({ ...since, open }));
  since = nothing();
}).on('close', () => process.exit());
