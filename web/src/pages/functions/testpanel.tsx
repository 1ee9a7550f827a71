// SPDX-License-Identifier: MIT
// "Send Test Event": pick or write an event, run it, see what came of it.

import { useState } from 'preact/hooks';

import { useLoaded } from '../../api/loaded';
import type { EventRow, List, Run } from '../../api/types';
import { CopyButton } from '../../parts/copy';
import { Code, indented, readable } from '../../parts/json';
import { Failed } from '../../parts/notice';
import { plural } from '../../words/count';
import { titleOf } from '../../words/event';
import { curl } from '../../words/shell';
import { Sign } from '../../words/state';
import { clock, span } from '../../words/when';
import { FaultText, Logs } from '../events/functiontab';
import { samples } from './samples';
import type { Trial } from './trial';

function Outcome({ run }: { run: Run }) {
  const isGood = run.outcome === 'delivered' || run.outcome === 'success' || (!run.error && run.outcome !== 'dead');
  const facts = [run.duration_ms != null && span(run.duration_ms), plural(run.requests?.length ?? 0, 'request')].filter(Boolean);

  return (
    <div class={`card outcome-card ${isGood ? '' : 'error'}`} role="status">
      <p><Sign sign={isGood ? '✔' : '✖'} tone={isGood ? 'ok' : 'error'}>{isGood ? 'Successfully executed' : run.outcome}{run.handler && ` (${run.handler})`}</Sign> <span class="muted">{facts.join(' · ')}</span></p>
      {run.error && <FaultText fault={run.error} />}
      <h3>Callback return</h3>
      {run.result === undefined || run.result === null ? <p class="muted">Nothing was returned.</p> : <Code label="Callback return" text={indented(run.result)} />}
      <h3>Log output</h3>
      <Logs lines={run.logs ?? []} />
      {(run.requests ?? []).map((request, i) => (
        <details key={i}><summary>{request.method} {request.url}{request.response && ` → ${request.response.status}`}</summary>
          {request.body && <Code label="Body of the request" text={readable(request.body)} />}
          <p><CopyButton text={() => curl(request)}>Copy as curl</CopyButton></p>
        </details>
      ))}
    </div>
  );
}

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
