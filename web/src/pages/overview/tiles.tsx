// SPDX-License-Identifier: MIT
// The numbers of Segment's Event Delivery, and what waits now. Each leads to what it counts.

import { searchFor } from '../../address';
import type { Stats } from '../../api/types';
import { Link } from '../../parts/link';
import { count } from '../../words/count';
import { span } from '../../words/when';

export function Tiles({ totals, last }: { totals: Stats['totals']; last: string }) {
  const after = ` after:${last}`;
  const tiles: [string, string, string, string?][] = [
    [count(totals.delivered_first), 'delivered, first try', searchFor(`is:delivered${after}`)],
    [count(totals.delivered_retry), 'delivered on retry', searchFor(`is:delivered${after}`)],
    [count(totals.dead), 'dead letters', '/dead', totals.dead > 0 ? 'error' : ''],
    [count(totals.not_supported), 'not supported', searchFor(`is:discarded error:EventNotSupported${after}`)],
    [totals.p95_ms === null ? '–' : span(totals.p95_ms), 'p95 end to end', searchFor(after.trim())],
    [count(totals.waiting), 'waiting now', searchFor('is:retrying'), totals.waiting > 0 ? 'warn' : ''],
  ];

  return (
    <ul class="tiles" aria-label="Numbers">
      {tiles.map(([value, name, to, tone]) => <li key={to + name}><Link to={to}><strong class={tone ?? ''}>{value}</strong><span>{name}</span>{name === 'waiting now' && totals.oldest_waiting_ms ? <span class="oldest">oldest {span(totals.oldest_waiting_ms)}</span> : null}</Link></li>)}
    </ul>
  );
}
