// SPDX-License-Identifier: MIT
// What is kept how long, and what that takes of the disk.

import { useLoaded } from '../../api/loaded';
import type { Retention as Answered } from '../../api/upkeep';
import { Command } from '../../parts/copy';
import { Facts } from '../../parts/facts';
import { Answer } from '../../parts/notice';
import { bytes, count } from '../../words/count';
import { span, When } from '../../words/when';

const DAY = 86400000;

const lasting = (ms: number | null): string => (ms === null ? 'for ever' : ms % DAY === 0 && ms > 0 ? `${count(ms / DAY)} d` : span(ms));

export function Retention() {
  const kept = useLoaded<Answered>('/retention');

  return (
    <>
      <Answer of={kept} what="what it keeps">{({ data, disk }) => (
        <>
          <div class="table-frame"><table class="rows fold">
            <thead><tr><th scope="col">What</th><th scope="col">Kept</th><th scope="col" class="number">How many</th><th scope="col" class="number">Size</th><th scope="col">Oldest</th><th scope="col">Goes</th><th scope="col">To change it</th></tr></thead>
            <tbody>{data.map((one) => (
              <tr key={one.what}><th scope="row">{one.what}</th><td data-name="kept">{lasting(one.keep_ms)}</td><td class="number" data-name="how many">{count(one.count)}</td>
                <td class="number" data-name="size">{one.bytes === null ? '–' : bytes(one.bytes)}</td><td data-name="oldest"><When at={one.oldest_at} ago /></td><td data-name="goes"><When at={one.goes_at} ago /></td>
                <td data-name="to change it" class="muted">{one.key ? <code>{one.key}</code> : '–'}</td></tr>
            ))}</tbody>
          </table></div>
          <Facts rows={[
            ['On disk', disk.bytes !== null && bytes(disk.bytes)], ['At most', disk.limit_bytes !== null && bytes(disk.limit_bytes)], ['Free there', disk.free_bytes !== null && bytes(disk.free_bytes)],
          ]} />
        </>
      )}</Answer>
      <Command>partnerapp config show --origin</Command>
    </>
  );
}
