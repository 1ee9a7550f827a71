// SPDX-License-Identifier: MIT
// The request as it went out, secrets covered; and what of the event the code took over.

import { useEffect, useState } from 'preact/hooks';

import type { Attempt } from '../../api/types';
import { CopyButton } from '../../parts/copy';
import { Body } from '../../parts/json';
import { curl } from '../../words/shell';
import { changesOf } from './changes';
import { Headers, Pager, Sends } from './pager';

export function RequestTab({ attempt, payload }: { attempt: Attempt | undefined; payload: unknown }) {
  const [at, setAt] = useState(0);
  const requests = attempt?.requests ?? [];
  const request = requests[Math.min(at, requests.length - 1)];

  useEffect(() => setAt(0), [attempt?.id]);
  if (!attempt) return <p class="muted">Nothing has gone out yet.</p>;
  if (!request) return <p class="muted">This attempt made no request.</p>;
  const changes = request.body ? changesOf(payload, request.body) : null;

  return (
    <>
      <div class="bar"><strong class="call">{request.method} {request.url}</strong><Pager n={requests.length} at={at} onPick={setAt} what="Request" /><CopyButton text={() => curl(request)}>Copy as curl</CopyButton></div>
      <Sends of={request} />
      <Headers headers={request.headers} />
      {request.body ? <Body label="Body of the request" text={request.body} /> : <p class="muted">No body.</p>}
      {changes && (
        <details><summary>What did my code change?</summary>
          <ul class="changes">
            {changes.map(({ kind, path, text }) => <li key={kind + path}><span class={`sign ${kind === 'added' ? 'ok' : kind === 'left out' ? 'muted' : ''}`}>{kind}</span> <code>{path}</code> <span>{text}</span></li>)}
          </ul>
        </details>
      )}
    </>
  );
}
