// SPDX-License-Identifier: MIT
// What is kept how long, and what that takes of the disk.

import { useLoaded } from '../../api/loaded';
import type { Kept, Retention as Answered } from '../../api/upkeep';
import { Command } from '../../parts/copy';
import { Facts } from '../../parts/facts';
import { Answer } from '../../parts/notice';
import { bytes, count } from '../../words/count';
import { span, When } from '../../words/when';

const DAY = 86400000;
const names: [string, string, string?][] = [
  ['events', 'Events', 'limits.retention'], ['dead', 'Dead letters', 'limits.retention'], ['exports', 'Exports'], ['jobs', 'Replays'],
  ['steps', 'Steps of an install'], ['audit', 'Audit list'], ['stats', 'Statistics'],
];

function lasting({ kept_ms: ms, kept_rows: rows }: Kept): string {
  if (ms !== undefined) return ms % DAY === 0 && ms > 0 ? `${count(ms / DAY)} d` : span(ms);
  return rows === undefined ? '–' : `the last ${count(rows)}`;
}

export function Retention() {
  const kept = useLoaded<Answered>('/retention');

  return (
    <>
      <Answer of={kept} what="what it keeps">{({ store, ...things }) => (
        <>
          <div class="table-frame"><table class="rows fold">
            <thead><tr><th scope="col">What</th><th scope="col">Kept</th><th scope="col">Oldest</th><th scope="col">Goes</th><th scope="col">To change it</th></tr></thead>
            <tbody>{names.filter(([what]) => things[what]).map(([what, name, key]) => {
              const one = things[what] as Kept;

              return (
                <tr key={what}><th scope="row">{name}</th><td data-name="kept">{lasting(one)}</td><td data-name="oldest" class={one.oldest_at ? '' : 'absent'}><When at={one.oldest_at} ago /></td>
                  <td data-name="goes" class={one.goes_at ? '' : 'absent'}><When at={one.goes_at} ago /></td><td data-name="to change it" class={key ? '' : 'absent'}>{key ? <code>{key}</code> : <span class="muted">–</span>}</td></tr>
              );
            })}</tbody>
          </table></div>
          <Facts rows={[
            ['Database', `${bytes(store.bytes)} of at most ${bytes(store.limit_bytes)}`], ['Free on the disk', store.free_bytes !== null ? bytes(store.free_bytes) : null],
          ]} />
          {store.limit_bytes > 0 && <progress max={store.limit_bytes} value={store.bytes} aria-label="Room of the database that is used" />}
        </>
      )}</Answer>
      <Command>partnerapp config show --origin</Command>
    </>
  );
}
