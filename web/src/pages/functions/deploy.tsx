// SPDX-License-Identifier: MIT
// Before code goes into service: what changes, and whether the eight cases pass.

import { useEffect, useState } from 'preact/hooks';

import { problemFrom, type Problem } from '../../api/ask';
import type { Suite } from '../../api/types';
import { Dialog } from '../../parts/dialog';
import { Failed, Skeleton } from '../../parts/notice';
import { diff } from './diff';
import { askSuite, Cases } from './suite';

interface Props { path: string; title: string; from: string | null; to: string; onClose: () => void; onDeploy: () => void }

export function Deploy({ path, title, from, to, onClose, onDeploy }: Props) {
  const [result, setResult] = useState<Suite | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const lines = from === null ? null : diff(from, to);
  const isBad = problem !== null || (result !== null && result.verdict === 'red');

  useEffect(() => { askSuite(path, to).then(setResult, (error: unknown) => setProblem(problemFrom(error))); }, []);
  return (
    <Dialog title={title} onClose={onClose} class="wide">
      {lines && (lines.length === 0 ? <p class="muted">The code is the same as what runs.</p> :
        <pre class="code diff" tabIndex={0} role="region" aria-label="What changes">{lines.map(({ sign, text }, i) => <span key={i} class={sign === '+' ? 'ok' : sign === '-' ? 'error' : 'muted'}>{sign} {text}{'\n'}</span>)}</pre>)}
      {problem && <Failed problem={problem} what="the eight cases" />}
      {!problem && !result && <><p role="status">Running the eight cases…</p><Skeleton rows={4} /></>}
      {result && <Cases result={result} />}
      <p class="actions">
        <button type="button" class={isBad ? 'danger' : 'main'} disabled={!result && !problem} onClick={onDeploy}>{isBad ? 'Deploy anyway' : 'Deploy'}</button>
        <button type="button" onClick={onClose}>Cancel</button>
      </p>
    </Dialog>
  );
}
