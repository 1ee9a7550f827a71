// SPDX-License-Identifier: MIT
// Where the time of a request went: a bar for each part, beginning where the one before ended.

import type { Timing } from '../api/types';
import { span } from '../words/when';

const names: [keyof Timing, string][] = [['dns_ms', 'look up the name'], ['connect_ms', 'connect'], ['tls_ms', 'TLS'], ['first_byte_ms', 'wait for the answer']];

// Where a connection is on this machine, parts are shorter than a millisecond.
const short = (ms: number): string => (ms < 1 ? `${Math.round(ms * 1000)} µs` : span(ms));

export function TimingBars({ timing }: { timing: Timing | null | undefined }) {
  if (!timing) return null;
  const parts: [string, number | null][] = names.map(([part, name]) => [name, timing[part]]);
  const before = parts.reduce((sum, [, ms]) => sum + (ms ?? 0), 0);
  const total = Math.max(before, timing.total_ms ?? 0);
  let at = 0;

  if (total <= 0) return null;
  parts.push(['read it', Math.max(0, total - before)]);
  return (
    <table class="timing">
      <caption>Where the time went{timing.connect_ms === null && <span class="muted"> (over a connection that was open)</span>}</caption>
      <tbody>{parts.filter(([, ms]) => ms !== null).map(([name, ms]) => {
        const width = (ms ?? 0) / total * 100;
        const from = at;

        at += width;
        return (
          <tr key={name}><th scope="row">{name}</th>
            <td class="timing-bar" aria-hidden="true"><svg width="100%" height="10"><rect class="track" width="100%" height="10" rx="2" /><rect x={`${Math.min(from, 99.5)}%`} width={`${Math.max(width, 0.5)}%`} height="10" rx="2" /></svg></td>
            <td class="number">{short(ms ?? 0)}</td></tr>
        );
      })}
      <tr class="sum"><th scope="row">together</th><td class="timing-bar" /><td class="number">{short(total)}</td></tr></tbody>
    </table>
  );
}
