// SPDX-License-Identifier: MIT
// What the endpoint answered, and what that means: description, actions, more, whether it was tried again.

import { useEffect, useState } from 'preact/hooks';

import type { Attempt, Delivery, Exchange } from '../../api/types';
import { Facts } from '../../parts/facts';
import { Body } from '../../parts/json';
import { Link } from '../../parts/link';
import { TimingBars } from '../../parts/timing';
import { plural } from '../../words/count';
import { Sign } from '../../words/state';
import { span } from '../../words/when';
import { FaultText } from './functiontab';
import { Headers, Pager, Sends } from './pager';

function meaningOf(status: number | undefined, request: Exchange | undefined, attempt: Attempt): string {
  if (status === undefined) return request ? `No answer came: ${request.error ?? 'the connection failed'}.` : attempt.error ? 'The function ended with an error before an answer came.' : 'The function made no request.';
  if (status === 401 || status === 403) return 'The endpoint does not accept our credentials. Trying again without new ones fails again.';
  if (status === 404 || status === 410) return 'The endpoint does not know this address.';
  if (status === 408 || status === 429) return 'The endpoint asks for fewer requests at a time. They are tried again, later.';
  if (status >= 500) return 'The endpoint has trouble of its own. Usually temporary.';
  if (status >= 400) return 'The endpoint does not accept what was sent. Trying the same again fails again.';
  return 'The endpoint accepted it.';
}

function Why({ delivery, attempt, request }: { delivery: Delivery; attempt: Attempt; request: Exchange | undefined }) {
  const host = request ? (URL.canParse(request.url) ? new URL(request.url).host : null) : null;

  return (
    <div class="why">
      <Facts rows={[
        ['Description', meaningOf(request?.response?.status, request, attempt)],
        ['Actions', host && <><Link to={`/endpoints/${encodeURIComponent(host)}`}>Look at {host}</Link></>],
        ['More info', <code>partnerapp events get {delivery.id}</code>],
        ['Retried?', delivery.n_attempts > 1 ? `Yes, ${plural(delivery.n_attempts - 1, 'time')}` : delivery.state === 'retrying' ? 'It will be' : 'No'],
      ]} />
      {attempt.error && <FaultText fault={attempt.error} />}
    </div>
  );
}

export function ResponseTab({ delivery, attempt }: { delivery: Delivery | undefined; attempt: Attempt | undefined }) {
  const [at, setAt] = useState<number | null>(null);
  const requests = attempt?.requests ?? [];
  const shown = Math.min(at ?? requests.length - 1, requests.length - 1);
  const request = requests[shown];
  const response = request?.response;

  useEffect(() => setAt(null), [attempt?.id]);
  if (!attempt || !delivery) return <p class="muted">Nothing has come back yet.</p>;
  const isGood = response ? response.status < 400 : false;

  return (
    <>
      {request && (
        <div class="bar">
          <Sign sign={isGood ? '✔' : '✖'} tone={isGood ? 'ok' : 'error'}>{response ? response.status : request.error ?? 'no answer'}</Sign>
          {request.duration_ms !== null && <span class="muted">{span(request.duration_ms)}</span>}
          <Pager n={requests.length} at={shown} onPick={setAt} what="Response" />
        </div>
      )}
      <Sends of={request} />
      <TimingBars timing={request?.timing} />
      <Why delivery={delivery} attempt={attempt} request={request} />
      {response && <Headers headers={response.headers} />}
      {response && (response.body ? <Body label="Body of the response" text={response.body} /> : <p class="muted">No body.</p>)}
    </>
  );
}
