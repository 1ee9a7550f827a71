// SPDX-License-Identifier: MIT
// Nothing yet, nothing that matches, and a search that is not understood: three different things.

import { useState } from 'preact/hooks';

import { addressOf, go, searchFor } from '../../address';
import type { Problem } from '../../api/ask';
import { useLoaded } from '../../api/loaded';
import type { EventRow, List, Status } from '../../api/types';
import { termsOf, without } from '../../frame/terms';
import { say } from '../../parts/announce';
import { Command } from '../../parts/copy';
import { Failed, Notice } from '../../parts/notice';
import { plural } from '../../words/count';

const sample = { type: 'track', event: 'Signed Up', userId: 'u1', properties: { plan: 'pro' } };

export async function sendTest(path: string, event: unknown = sample): Promise<boolean> {
  try {
    const response = await fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(event) });
    const { message } = await response.json() as { message?: string };

    say(response.ok ? 'Sent a test event' : `Not accepted: ${message ?? response.status}`, !response.ok);
    return response.ok;
  } catch {
    say('The server does not answer', true);
    return false;
  }
}

export function NoEvents({ status }: { status: Status | null }) {
  const [isSending, setIsSending] = useState(false);
  const path = status?.subscriptions.find(({ kind }) => kind === 'destination')?.path ?? '/webhook';

  return (
    <Notice title="No events yet">
      <p>This page will show them by itself.</p>
      {status?.mode === 'dev' && (
        <p><button type="button" class="main" disabled={isSending} onClick={() => { setIsSending(true); void sendTest(path).then(() => setIsSending(false)); }}>Send a test event</button></p>
      )}
      <Command>{`curl http://${status?.listeners.public ?? location.host}${path} -H 'Content-Type: application/json' -d '${JSON.stringify(sample)}'`}</Command>
      <Command>partnerapp trigger track</Command>
    </Notice>
  );
}

function Dropped({ q, term }: { q: string; term: string }) {
  const rest = without(q, term);
  const found = useLoaded<List<EventRow>>(addressOf('/events', { q: rest, limit: '1' }));

  return (
    <li>
      <button type="button" class="chip term" onClick={() => go(searchFor(rest))}>Drop {term}</button>{' '}
      <span class="muted">{found.data && (found.data.total === null ? 'more than 10 000 without it' : `${plural(found.data.total, 'event')} without it`)}</span>
    </li>
  );
}

export function NoMatch({ q }: { q: string }) {
  return (
    <Notice title="Nothing matches">
      <p>No event that is stored here fits all of the search.</p>
      <ul class="plain">{termsOf(q).slice(0, 5).map((term) => <Dropped key={term} q={q} term={term} />)}</ul>
    </Notice>
  );
}

export function SearchFailed({ q, problem, retry }: { q: string; problem: Problem; retry: () => void }) {
  if (problem.status !== 400 && problem.code !== 'PA3024') return <Failed problem={problem} what="events" retry={retry} />;
  return (
    <Notice title={problem.status === 400 ? 'This search is not understood' : 'Your role does not look for values'} tone={problem.status === 400 ? 'error' : ''}>
      <p>{problem.message}</p>
      {problem.help && <p>{problem.help}</p>}
      <ul class="plain">{termsOf(q).map((term) => <li key={term}><button type="button" class="chip term" onClick={() => go(searchFor(without(q, term)))}>Drop {term}</button></li>)}</ul>
    </Notice>
  );
}
