// SPDX-License-Identifier: MIT
// The states of a page that has nothing to show: asking, failed, absent. Each looks different.

import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import type { Problem } from '../api/ask';
import type { Loaded } from '../api/loaded';
import { youAre } from './only';

const LATE_MS = 150; // who waits less than that sees no skeleton

export function Skeleton({ rows = 5 }: { rows?: number }) {
  const [isLate, setIsLate] = useState(false);

  useEffect(() => {
    const timer = setTimeout(() => setIsLate(true), LATE_MS);

    return () => clearTimeout(timer);
  }, []);
  if (!isLate) return null;
  return <div class="skeleton" role="status" aria-label="Loading">{Array.from({ length: rows }, (_, i) => <div key={i} />)}</div>;
}

export function Notice({ title, children, tone = '' }: { title: string; children?: ComponentChildren; tone?: string }) {
  return <div class={`notice ${tone}`}><h2>{title}</h2>{children}</div>;
}

export function Failed({ problem, what, retry }: { problem: Problem; what: string; retry?: () => void }) {
  if (problem.isMissing)
    return <Notice title={`This server does not have ${what}`}><p>Its version of the API has no such call yet. The rest of the console works.</p></Notice>;
  if (problem.isUnknown)
    return (
      <Notice title="This server wants to know who asks" tone="error">
        <p>{problem.message}.</p>
        <p class="actions"><a class="button" href="/login">Sign in</a></p>
      </Notice>
    );
  if (problem.isForbidden)
    return (
      <Notice title={`Your role does not show ${what}`}>
        <p>{problem.message}{youAre()}.</p>
        {problem.help && <p>{problem.help}</p>}
      </Notice>
    );
  return (
    <div class="notice error" role="alert">
      <h2>{problem.status === 404 ? 'There is no such thing here' : `No answer for ${what}`}</h2>
      <p>{problem.message}{problem.code && <> <code>{problem.code}</code></>}</p>
      {problem.help && <p>{problem.help}</p>}
      {problem.code && <p class="muted">More: <code>partnerapp explain {problem.code}</code></p>}
      {retry && <button type="button" onClick={retry}>Try again</button>}
    </div>
  );
}

// The answer when there is one, and otherwise why not.
export function Answer<T>({ of, what, rows, children }: { of: Loaded<T>; what: string; rows?: number; children: (data: T) => ComponentChildren }) {
  if (of.data !== null) return <>{children(of.data)}</>;
  if (of.problem) return <Failed problem={of.problem} what={what} retry={of.reload} />;
  return <Skeleton {...(rows !== undefined && { rows })} />;
}
