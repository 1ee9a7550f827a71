// SPDX-License-Identifier: MIT
// The exchange with Segment, step by step, as it went: what was asked, what came back, without secrets.

import { useState } from 'preact/hooks';

import type { InstallStep } from '../../api/types';
import { Code, indented, readable } from '../../parts/json';
import { Sign } from '../../words/state';
import { span, When } from '../../words/when';

const SHOWN = 8; // newest first; the rest when asked for

const names: Record<string, string> = {
  press: 'The button is pressed', consent: 'The customer agrees', callback: 'Segment sends the customer back', exchange: 'The code becomes a token', key: 'The customer gets a key',
  destination: 'The destination is made', settings: 'Its settings are written', enable: 'It is switched on', refresh: 'A new token', sync: 'The destination is compared',
};

const bodyOf = (body: unknown): string => (typeof body === 'string' ? readable(body) : indented(body));

const isNothing = (body: unknown): boolean => body === undefined || body === null || body === '';

// a=1&b=2, a line each, as people read it.
const formOf = (text: string): string => (/^[\w.~%-]+=[^\s{]*(&[\w.~%-]+=[^\s{]*)*$/.test(text) ? text.replaceAll('&', '\n&') : text);

function Part({ title, body }: { title: string; body: unknown }) {
  if (isNothing(body)) return null;
  return <><h4>{title}</h4><Code label={title} text={formOf(bodyOf(body))} /></>;
}

function Step({ step }: { step: InstallStep }) {
  const { request, response } = step;

  return (
    <li class={step.ok ? '' : 'error'} data-testid="step">
      <p class="step-head">
        <Sign sign={step.ok ? '✔' : '✖'} tone={step.ok ? 'ok' : 'error'}><strong>{names[step.step] ?? step.step}</strong></Sign>
        <span class="muted"><When at={step.at} />{step.duration_ms != null && ` · ${span(step.duration_ms)}`}{step.status != null && ` · answered ${step.status}`}</span>
      </p>
      {step.summary && <p class="step-words">{step.summary}</p>}
      {request && (
        <details><summary>{request.method} <span class="url">{request.url}</span>{response && ` → ${response.status}`}</summary>
          <Part title="Asked with" body={request.query} />
          <Part title="Body of the request" body={request.body} />
          {response && <Part title={`Answer ${response.status}`} body={response.body} />}
          {isNothing(request.query) && isNothing(request.body) && isNothing(response?.body) && <p class="muted">Neither has a body.</p>}
        </details>
      )}
    </li>
  );
}

export function Steps({ steps }: { steps: InstallStep[] }) {
  const [isWhole, setIsWhole] = useState(false);

  if (steps.length === 0) return <p class="muted">Nothing is kept of how this install came about. What comes from now on is.</p>;
  return (
    <section aria-labelledby="steps"><h3 id="steps">What was said with Segment</h3>
      <ol class="install-steps">{steps.slice(0, isWhole ? steps.length : SHOWN).map((step, i) => <Step key={`${step.at}${i}`} step={step} />)}</ol>
      {steps.length > SHOWN && !isWhole && <button type="button" onClick={() => setIsWhole(true)}>All {steps.length} steps</button>}
    </section>
  );
}
