// SPDX-License-Identifier: MIT
// W2, signed batches: node w2.mjs [SECONDS=5]
//
// Arrays of 100 events of 1 KiB over 64 connections, each with the signature that Segment would
// send, of the first event. One in a hundred is signed wrongly: just these have to be refused,
// and what was accepted has to be what was answered 2xx, to the event.

import { goal } from './goal.mjs';
import { closed } from './loads.mjs';
import { idle, measure } from './measure.mjs';
import { print, report } from './report.mjs';
import { startPaused, withScope } from './servers.mjs';

const seconds = Number(process.argv[2] ?? 5);
const limits = { per_s: 100000 };
const [perRequest, tamperEvery, secret] = [100, 100, 'bench-secret'];
const what = { perRequest, size: `1024[${perRequest}]`, headers: [`sign=${secret}`, `tamper=${tamperEvery}`] };

const { row, accepted } = await withScope(async (scope) => {
  const server = await startPaused(scope, { subscription: { endpoint: 'http://127.0.0.1:1/hook', auth: 'signature', secret } });
  const warm = await closed(server, 64, 1, what);

  await idle(server); // what the warming up left half done is stored by then
  const before = (await server.service.counters()).accepted;
  // So many that each request is answered: only then is the sum known.
  const requests = Math.max(200, Math.round(warm.per_s / perRequest * seconds));
  const signed = await measure('partnerapp, signed arrays of 100, 64 connections', server, () => closed(server, 64, `${requests}n`, what));

  return { row: signed, accepted: (await server.service.counters()).accepted - before };
});

row.not_2xx -= row.refused; // these had to be
print('W2: signed batches, CPU and latency: of an event, of a request', [row]);
goal(`W2 events a second, goal ≥ ${limits.per_s}`, row.per_s, '/s', row.per_s >= limits.per_s);
goal(`W2 refused wrongly, or taken wrongly, of ${row.ok + row.refused} requests of which ${row.tampered} were tampered with, goal 0`,
  row.wrong, '', row.wrong === 0 && row.tampered > 0 && row.refused === row.tampered);
goal(`W2 events stored beyond the ${row.n} that were answered 2xx, or missing, goal 0`, accepted - row.n, '', accepted === row.n);
report('w2', { seconds, limits, accepted, rows: [row] });
