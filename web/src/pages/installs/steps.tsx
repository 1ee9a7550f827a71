// SPDX-License-Identifier: MIT
// The exchange with Segment, step by step, as it went: what was asked, what came back, without secrets.

import type { InstallStep } from '../../api/types';
import { Code, indented, readable } from '../../parts/json';
import { Sign } from '../../words/state';
import { span, When } from '../../words/when';

const names: Record<string, string> = {
  press: 'The button is pressed', callback: 'Segment sends the customer back', exchange: 'The code becomes a token', workspace: 'Which workspace it is',
  destination: 'The destination is made', settings: 'Its settings are written', enable: 'It is switched on', refresh: 'A new token', sync: 'The destination is compared',
};

const bodyOf = (body: unknown): string => (typeof body === 'string' ? readable(body) : indented(body));

function Part({ title, body }: { title: string; body: unknown }) {
  return <><h4>{title}</h4>{body === undefined || body === null || body === '' ? <p class="muted">No body.</p> : <Code label={title} text={bodyOf(body)} />}</>;
}

function Step({ step }: { step: InstallStep }) {
  const { request, response } = step;

  return (
    <li class={step.ok ? '' : 'error'} data-testid="step">
      <p class="step-head">
        <Sign sign={step.ok ? '✔' : '✖'} tone={step.ok ? 'ok' : 'error'}><strong>{names[step.step] ?? step.step}</strong></Sign>
        <span class="muted"><When at={step.at} />{step.duration_ms !== null && ` · ${span(step.duration_ms)}`}{step.status !== null && ` · ${step.status}`}</span>
      </p>
      {step.summary && <p class="step-words">{step.summary}</p>}
      {request && (
        <details><summary>{request.method} <span class="url">{request.url}</span>{response && ` → ${response.status}`}</summary>
          <Part title="Request" body={request.body} />
          {response ? <Part title={`Answer ${response.status}`} body={response.body} /> : <p class="muted">No answer came.</p>}
        </details>
      )}
    </li>
  );
}

export function Steps({ steps }: { steps: InstallStep[] }) {
  if (steps.length === 0) return <p class="muted">Nothing is kept of how this install came about. What comes from now on is.</p>;
  return (
    <section aria-labelledby="steps"><h3 id="steps">What was said with Segment</h3>
      <ol class="install-steps">{steps.map((step, i) => <Step key={`${step.at}${i}`} step={step} />)}</ol>
    </section>
  );
}
