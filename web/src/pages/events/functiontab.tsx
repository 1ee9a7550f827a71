// SPDX-License-Identifier: MIT
// What the function did with it in this attempt.

import type { Attempt, EventRow } from '../../api/types';
import { Facts } from '../../parts/facts';
import { Code, indented } from '../../parts/json';
import { Link } from '../../parts/link';
import { plural } from '../../words/count';
import { span } from '../../words/when';
import { addressOf } from '../../address';

export function FaultText({ fault }: { fault: NonNullable<Attempt['error']> }) {
  return (
    <div class="fault">
      <p><strong>{fault.name}</strong>: {fault.message}{fault.line ? <span class="muted"> (line {fault.line})</span> : null}</p>
      {fault.note && <p class="muted">{fault.note}</p>}
    </div>
  );
}

export function Logs({ lines }: { lines: string[] }) {
  if (lines.length === 0) return <p class="muted">No console lines.</p>;
  return <pre class="code" tabIndex={0} role="region" aria-label="Console lines">{lines.join('\n')}</pre>;
}

export function FunctionTab({ event, attempt }: { event: EventRow; attempt: Attempt | undefined }) {
  if (!attempt) return <p class="muted">It has not run yet.</p>;
  const requests = attempt.requests ?? [];

  return (
    <>
      <Facts rows={[['outcome', attempt.outcome], ['took', attempt.duration_ms === null ? null : span(attempt.duration_ms)], ['requests', plural(requests.length, 'request')]]} />
      {attempt.error && <FaultText fault={attempt.error} />}
      <h3>Callback return</h3>
      {attempt.result === undefined || attempt.result === null ? <p class="muted">Nothing was returned.</p> : <Code label="Callback return" text={indented(attempt.result)} />}
      <h3>Log output</h3>
      <Logs lines={attempt.logs ?? []} />
      {event.subscription && <p><Link to={addressOf(`/functions/${encodeURIComponent(event.subscription)}`, { event: event.id })}>Open in the editor with this event</Link></p>}
    </>
  );
}
