// SPDX-License-Identifier: MIT
// Events: the list on the left, what is open on the right. The list keeps its place.

import { useEffect, useRef, useState } from 'preact/hooks';

import { address, addressOf, go } from '../../address';
import type { Status } from '../../api/types';
import { useMay } from '../../api/who';
import { useCell } from '../../cell';
import { useKeys } from '../../frame/keys';
import { LiveSwitch } from '../../frame/livestate';
import { follow, startExport } from '../../jobs/mine';
import { say } from '../../parts/announce';
import { Command, copy } from '../../parts/copy';
import { Skeleton } from '../../parts/notice';
import { Only } from '../../parts/only';
import { plural } from '../../words/count';
import { command } from '../../words/shell';
import { When } from '../../words/when';
import { Discard } from '../dead/discard';
import { Plan } from '../dead/plan';
import { replayIds } from '../dead/replays';
import { Drawer } from './drawer';
import { Filters } from './filters';
import { useEventList, type EventList } from './list';
import { NoEvents, NoMatch, SearchFailed } from './none';
import { Table } from './table';

export function EventsPage({ id, status }: { id: string; status: Status | null }) {
  const { query, part } = useCell(address);
  const q = query.get('q') ?? '';
  const scroller = useRef<HTMLDivElement>(null);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [isPlanning, setIsPlanning] = useState(false);
  const [isDiscarding, setIsDiscarding] = useState(false);
  const isAtTop = (): boolean => (scroller.current?.scrollTop ?? 0) < 4 && scrollY < 4 &&
    selected.size === 0 && !scroller.current?.contains(document.activeElement);
  const list = useEventList(q, isAtTop);
  const dead = list.rows.filter((row) => selected.has(row.id) && row.deliveries.at(-1)?.state === 'dead');
  const canReplay = useMay('operator');
  const open = (event: string): void => go(addressOf(`/events/${event}`, { q }, part));
  const close = (): void => {
    const row = id;

    go(addressOf('/events', { q }));
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-id="${row}"] a`)?.focus());
  };
  const replay = (): void => {
    const ids = selected.size > 0 ? [...selected] : id ? [id] : [];

    if (ids.length > 0) void replayIds(ids).then(() => setSelected(new Set()));
  };
  const shownCommand = command('events', 'list', ...(q ? [q] : []));

  useAnnouncements(list.nWaiting, list.nWaitingDead);
  useKeys({
    ...(selected.size > 0 && canReplay && { r: replay }),
    Y: () => { void copy(id ? command('events', 'get', id) : shownCommand, 'command'); },
  });
  return (
    <section class={`page events ${id ? 'has-drawer' : ''}`} aria-labelledby="events-title">
      <div class="list-side">
        <header class="page-head">
          <h1 id="events-title">Events</h1>
          <span class="muted" data-testid="found">{list.problem || list.isLoading ? '' : foundOf(list, q)}</span>
          {q !== '' && list.rows.length > 0 && (
            <Only role="operator"><span class="actions">
              <button type="button" onClick={() => setIsPlanning(true)}>Replay all…</button>
              <button type="button" onClick={() => { void startExport(q); }}>Export</button>
            </span></Only>
          )}
          <LiveSwitch />
        </header>
        <Filters q={q} />
        {q !== '' && <Command>{shownCommand}</Command>}
        <div class="list-frame">
          {list.nWaiting > 0 && (
            <button type="button" class="pill" onClick={() => { scroller.current?.scrollTo(0, 0); scrollTo(0, 0); list.showWaiting(); }}>↑ {plural(list.nWaiting, 'new', 'new').replace(' ', list.hasHole ? '+ ' : ' ')}</button>
          )}
          <div class="scroller" ref={scroller} data-testid="scroller">
            {list.isLoading && <Skeleton rows={10} />}
            {list.problem && <SearchFailed q={q} problem={list.problem} retry={list.reload} />}
            {!list.isLoading && !list.problem && list.rows.length === 0 && !list.partial && (q ? <NoMatch q={q} /> : <NoEvents status={status} />)}
            {list.rows.length > 0 && <Table rows={list.rows} current={id} selected={selected} onSelect={setSelected} onOpen={open} q={q} />}
            {list.partial && <p class="muted reached" role="status">Looked at {plural(list.partial.looked_at, 'event')}{list.partial.back_to && <>, back to <When at={list.partial.back_to} /></>}. This search has to read each one.</p>}
            {list.isMore && (list.rows.length > 0 || list.partial) && <button type="button" class="more" onClick={list.more}>{list.partial ? 'Look further back' : 'Older events'}</button>}
          </div>
        </div>
        {selected.size > 0 && (
          <footer class="selection">
            <span>{plural(selected.size, 'selected', 'selected')}</span>
            <Only role="operator" to="replay, export or discard">
              <button type="button" aria-keyshortcuts="r" onClick={replay}>Replay</button>
              <button type="button" onClick={() => { void startExport(queryOf([...selected])); }} disabled={selected.size > MOST_TERMS}>Export</button>
              {dead.length > 0 && dead.length <= MOST_TERMS && <button type="button" onClick={() => setIsDiscarding(true)}>Discard…</button>}
            </Only>
            <button type="button" onClick={() => copy([...selected].join('\n'), 'ids')}>Copy ids</button>
            <button type="button" class="quiet" onClick={() => setSelected(new Set())}>Clear</button>
          </footer>
        )}
      </div>
      {isDiscarding && <Discard group={{ q: queryOf(dead.map((row) => row.id)), count: dead.length }} title="the selected events" onClose={() => setIsDiscarding(false)} onDone={() => { setIsDiscarding(false); setSelected(new Set()); list.reload(); }} />}
      {isPlanning && <Plan wish={{ q, dead: false }} title={q} onClose={() => setIsPlanning(false)} onStarted={(job) => { setIsPlanning(false); follow(job); }} />}
      {id && <Drawer id={id} q={q} tab={part} rows={list.rows} onClose={close} status={status} />}
    </section>
  );
}

const MOST_TERMS = 32; // of a query

const queryOf = (ids: string[]): string => ids.map((id) => `id:${id}`).join(' OR ');

function foundOf({ total, partial, rows }: EventList, q: string): string {
  if (total !== null) return `${plural(total, 'event')}${q && ' found'}`;
  return partial ? `${plural(rows.length, 'event')} found so far` : 'more than 10\u202f000 found';
}

const QUIET_MS = 10000;

// For those who listen: rarely, and only what one does not see.
function useAnnouncements(nWaiting: number, nDead: number): void {
  const saidAt = useRef(0);

  useEffect(() => {
    if (nWaiting === 0 || Date.now() - saidAt.current < QUIET_MS) return;
    saidAt.current = Date.now();
    say(plural(nWaiting, 'new event') + (nDead > 0 ? `, ${nDead} dead` : ''));
  }, [nWaiting]);
}
