// SPDX-License-Identifier: MIT
// What the function has logged in service, newest first, with the event that made it.

import { addressOf } from '../../address';
import { useLoaded } from '../../api/loaded';
import type { EventRow, List } from '../../api/types';
import { useRefresh } from '../../live/refresh';
import { Command } from '../../parts/copy';
import { Link } from '../../parts/link';
import { Answer } from '../../parts/notice';
import { titleOf } from '../../words/event';
import { command } from '../../words/shell';
import { StateOf } from '../../words/state';
import { When } from '../../words/when';
import { Logs as Lines } from '../events/functiontab';

const SHOWN = 10;

export function Logs({ name }: { name: string }) {
  const q = `sub:${name} has:log`;
  const list = useLoaded<List<EventRow>>(addressOf('/events', { q, limit: String(SHOWN) }));

  useRefresh(['delivery'], 1500, list.reload);
  return (
    <>
      <Answer of={list} what="logs">{({ data }) => (data.length === 0 ? <p class="muted">Nothing logged yet. What the code says with <code>console.log</code> comes here by itself.</p> : (
        <ul class="versions">{data.map((row) => {
          const delivery = row.deliveries.at(-1);

          return (
            <li key={row.id}>
              <p><When at={delivery?.attempts.at(-1)?.at ?? row.received_at} /> <Link to={`/events/${row.id}#function`}>{titleOf(row)}</Link> <StateOf delivery={delivery} /></p>
              <Lines lines={delivery?.attempts.at(-1)?.logs ?? []} />
            </li>
          );
        })}</ul>
      ))}</Answer>
      <p><Link to={addressOf('/events', { q })}>All that logged</Link></p>
      <Command>{command('events', 'list', q)}</Command>
    </>
  );
}
