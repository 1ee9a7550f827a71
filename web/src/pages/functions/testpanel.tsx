// SPDX-License-Identifier: MIT
// "Send Test Event": pick or write an event, run it, see what came of it.

import { useState } from 'preact/hooks';

import { useLoaded } from '../../api/loaded';
import type { EventRow, List } from '../../api/types';
import { indented } from '../../parts/json';
import { Failed } from '../../parts/notice';
import { titleOf } from '../../words/event';
import { clock } from '../../words/when';
import { Outcome } from './outcome';
import { samples } from './samples';
import type { Trial } from './trial';

export function TestPanel({ trial }: { trial: Trial }) {
  const recent = useLoaded<List<EventRow>>('/events?limit=10');
  const [picked, setPicked] = useState('');
  const pick = (value: string): void => {
    const event = value.startsWith('evt_') ? recent.data?.data.find(({ id }) => id === value)?.payload : samples[Number(value)]?.event;

    setPicked(value);
    if (event) trial.setEvent(indented(event));
  };

  return (
    <>
      <p class="bar"><label>Event <select value={picked} onChange={({ currentTarget }) => pick(currentTarget.value)}>
        <option value="" disabled>as below</option>
        <optgroup label="Samples">{samples.map(({ name }, i) => <option key={name} value={String(i)}>{name}</option>)}</optgroup>
        <optgroup label="Recent">{(recent.data?.data ?? []).map((row) => <option key={row.id} value={row.id}>{clock(row.received_at)} {titleOf(row)}</option>)}</optgroup>
      </select></label></p>
      <label class="unseen" for="trial">The event, as JSON</label>
      <textarea id="trial" rows={10} spellcheck={false} value={trial.event} onInput={({ currentTarget }) => trial.setEvent(currentTarget.value)} />
      {trial.fault && <p class="error">{trial.fault}</p>}
      <p class="actions">
        <button type="button" class="main" aria-keyshortcuts="Control+Enter" disabled={trial.isBusy || trial.fault !== null} onClick={() => { void trial.run(); }}>Send Test Event</button>
        <label><input type="checkbox" checked={trial.isLive} onChange={({ currentTarget }) => trial.setIsLive(currentTarget.checked)} /> real requests</label>
      </p>
      {trial.problem && <Failed problem={trial.problem} what="test runs" />}
      {trial.result && <Outcome run={trial.result} />}
    </>
  );
}
