// SPDX-License-Identifier: MIT
// What came of one run of a function: whether it went well, what it returned, said and sent.

import type { Run } from '../../api/types';
import { CopyButton } from '../../parts/copy';
import { Code, indented, readable } from '../../parts/json';
import { plural } from '../../words/count';
import { curl } from '../../words/shell';
import { Sign } from '../../words/state';
import { span } from '../../words/when';
import { FaultText, Logs } from '../events/functiontab';

function Rest({ run }: { run: Run }) {
  return (
    <>
      <h3>Callback return</h3>
      {run.result === undefined || run.result === null ? <p class="muted">Nothing was returned.</p> : <Code label="Callback return" text={indented(run.result)} />}
      <h3>Log output</h3>
      <Logs lines={run.logs ?? []} />
    </>
  );
}

// @isBrief: in a window that has more to say, all but the requests is folded.
export function Outcome({ run, isBrief = false }: { run: Run; isBrief?: boolean }) {
  const isGood = run.outcome === 'delivered' || run.outcome === 'success' || (!run.error && run.outcome !== 'dead');
  const facts = [run.duration_ms != null && span(run.duration_ms), plural(run.requests?.length ?? 0, 'request')].filter(Boolean);

  return (
    <div class={`card outcome-card ${isGood ? '' : 'error'}`} role="status">
      <p><Sign sign={isGood ? '✔' : '✖'} tone={isGood ? 'ok' : 'error'}>{isGood ? 'Successfully executed' : run.outcome}{run.handler && ` (${run.handler})`}</Sign> <span class="muted">{facts.join(' · ')}</span></p>
      {run.error && <FaultText fault={run.error} />}
      {isBrief ? <details><summary>What it returned and said</summary><Rest run={run} /></details> : <Rest run={run} />}
      {(run.requests ?? []).map((request, i) => (
        <details key={i}><summary>{request.method} {request.url}{request.response && ` → ${request.response.status}`}</summary>
          {request.body && <Code label="Body of the request" text={readable(request.body)} />}
          <p><CopyButton text={() => curl(request)}>Copy as curl</CopyButton></p>
        </details>
      ))}
    </div>
  );
}
