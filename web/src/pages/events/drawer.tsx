// SPDX-License-Identifier: MIT
// One event: what it is, how it went over time, and the four tabs.

import { useEffect, useRef, useState } from 'preact/hooks';

import { addressOf, go } from '../../address';
import { useLoaded } from '../../api/loaded';
import type { EventRow, Status } from '../../api/types';
import { useMay } from '../../api/who';
import { useKeys } from '../../frame/keys';
import { useRefresh } from '../../live/refresh';
import { CopyId } from '../../parts/copy';
import { Answer } from '../../parts/notice';
import { Masked, Only } from '../../parts/only';
import { Tabs } from '../../parts/tabs';
import { bytes } from '../../words/count';
import { titleOf } from '../../words/event';
import { StateOf } from '../../words/state';
import { CopyWhen, When } from '../../words/when';
import { replayIds } from '../dead/replays';
import { Again } from './again';
import { CopyMenu } from './copymenu';
import { FunctionTab } from './functiontab';
import { RequestTab } from './requesttab';
import { ResponseTab } from './responsetab';
import { SentTab } from './senttab';
import { Timeline } from './timeline';

const tabs = [
  { id: 'sent', title: 'You sent', keys: '1' },
  { id: 'function', title: 'Function', keys: '2' },
  { id: 'request', title: 'Request to endpoint', keys: '3' },
  { id: 'response', title: 'Response from endpoint', keys: '4' },
];

interface Props { id: string; q: string; tab: string; rows: EventRow[]; onClose: () => void; status: Status | null }

export function Drawer({ id, q, tab, rows, onClose, status }: Props) {
  const loaded = useLoaded<EventRow>(`/events/${encodeURIComponent(id)}`);
  const heading = useRef<HTMLHeadingElement>(null);
  const at = rows.findIndex((row) => row.id === id);
  const canReplay = useMay('operator');
  const current = tabs.some((one) => one.id === tab) ? tab : 'sent';
  const pick = (next: string): void => go(addressOf(`/events/${id}`, { q }, next), true);
  const step = (by: number): void => {
    const next = rows[at + by];

    if (next) go(addressOf(`/events/${next.id}`, { q }, tab), true);
  };

  useRefresh(['delivery'], 400, () => {
    if (loaded.data?.deliveries.every(({ state }) => state === 'delivered' || state === 'discarded')) return;
    loaded.reload();
  });
  useEffect(() => heading.current?.focus({ preventScroll: true }), [id]);
  useKeys({
    'Escape': onClose, '[': () => step(-1), ']': () => step(1), ...(canReplay && { r: () => { void replayIds([id]).then(loaded.reload); } }),
    ...Object.fromEntries(tabs.map((one) => [one.keys, () => pick(one.id)])),
  });
  return (
    <aside class="drawer" aria-label="Event">
      <div class="drawer-top">
        <h2 ref={heading} tabIndex={-1}>{loaded.data ? <><span class="muted">{loaded.data.type}</span> {loaded.data.type === 'track' ? `“${titleOf(loaded.data)}”` : loaded.data.name ?? ''}</> : 'Event'}</h2>
        <span class="walk">
          <button type="button" class="quiet" aria-label="Newer event" aria-keyshortcuts="[" disabled={at <= 0} onClick={() => step(-1)}>◀</button>
          {at >= 0 && <span class="muted">{at + 1}/{rows.length}</span>}
          <button type="button" class="quiet" aria-label="Older event" aria-keyshortcuts="]" disabled={at < 0 || at >= rows.length - 1} onClick={() => step(1)}>▶</button>
          <button type="button" class="quiet" aria-label="Close the event" aria-keyshortcuts="Escape" onClick={onClose}>✕</button>
        </span>
      </div>
      <Answer of={loaded} what="events" rows={8}>{(event) => (
        <Opened event={event} tab={current} onTab={pick} onChange={loaded.reload} status={status} />
      )}</Answer>
    </aside>
  );
}

function save(event: EventRow): void {
  const link = document.createElement('a');

  link.href = URL.createObjectURL(new Blob([`${JSON.stringify(event.payload, null, 2)}\n`], { type: 'application/json' }));
  link.download = `${event.type}-${event.id.slice(-6)}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function Opened({ event, tab, onTab, onChange, status }: { event: EventRow; tab: string; onTab: (tab: string) => void; onChange: () => void; status: Status | null }) {
  const [deliveryId, setDeliveryId] = useState<string | null>(null);
  const [attemptAt, setAttemptAt] = useState<number | null>(null);
  const [isAgain, setIsAgain] = useState(false);
  const delivery = event.deliveries.find(({ id }) => id === deliveryId) ?? event.deliveries.at(-1);
  const attempts = delivery?.attempts ?? [];
  const attempt = attempts[attemptAt ?? attempts.length - 1] ?? attempts.at(-1);
  const path = status?.subscriptions.find(({ name }) => name === event.subscription)?.path;

  useEffect(() => setAttemptAt(null), [event.id, delivery?.id]);
  return (
    <>
      <p class="ids">
        <CopyId id={event.id} />
        {event.user_id && <CopyId id={event.user_id} label="user" />}
        <span class="muted">{event.subscription}</span>
        {event.install && <a href={`/${event.install}`}>{event.install}</a>}
        {event.size_bytes !== undefined && <span class="muted">{bytes(event.size_bytes)}</span>}
        <CopyWhen at={event.received_at} />
      </p>
      <p class="actions">
        <Only role="operator"><button type="button" class="main" aria-keyshortcuts="r" onClick={() => { void replayIds([event.id]).then(onChange); }}>Replay</button></Only>
        {status?.mode === 'dev' && path && !event.erased && <button type="button" onClick={() => setIsAgain(true)}>Edit &amp; send</button>}
        <Only role="operator"><button type="button" onClick={() => save(event)}>Save as fixture</button></Only>
        <CopyMenu event={event} path={path} status={status} />
        <Only role="operator" to="replay it or save it as a fixture">{null}</Only>
      </p>
      {event.deliveries.length > 1 && (
        <p class="deliveries"><label>Delivery <select value={delivery?.id} onChange={({ currentTarget }) => setDeliveryId(currentTarget.value)}>
          {event.deliveries.map((one, i) => <option key={one.id} value={one.id}>{`${i + 1}: ${one.state}${one.replay ? ', a replay' : ''}`}</option>)}
        </select></label></p>
      )}
      {delivery && (
        <p class="outcome"><StateOf delivery={delivery} /> <span class="muted">after {delivery.n_attempts} {delivery.n_attempts === 1 ? 'attempt' : 'attempts'}</span>
          {delivery.next_at && <> · next try <When at={delivery.next_at} ago /></>}{delivery.last_error && <> · <code>{delivery.last_error}</code></>}</p>
      )}
      {delivery && attempt && <Timeline event={event} delivery={delivery} current={attempt.id} onPick={(i) => { setAttemptAt(i); if (tab === 'sent') onTab('response'); }} />}
      <Masked />
      <Tabs label="Parts of the event" tabs={tabs} current={tab} onPick={onTab}>
        {tab === 'sent' && <SentTab event={event} />}
        {tab === 'function' && <FunctionTab event={event} attempt={attempt} />}
        {tab === 'request' && <RequestTab attempt={attempt} payload={event.payload} />}
        {tab === 'response' && <ResponseTab delivery={delivery} attempt={attempt} />}
      </Tabs>
      {isAgain && path && <Again event={event} path={path} onClose={() => setIsAgain(false)} />}
    </>
  );
}
