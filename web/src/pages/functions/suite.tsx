// SPDX-License-Identifier: MIT
// The eight cases of Segment's Developer Center, with one verdict.

import { useState } from 'preact/hooks';

import { ask, problemFrom, type Problem } from '../../api/ask';
import type { Suite as Result, TestCase } from '../../api/types';
import { Failed } from '../../parts/notice';
import { Sign } from '../../words/state';

const errorOf = ({ error }: TestCase): string => (error === null || error === undefined ? '' : typeof error === 'string' ? error : `${error.name}: ${error.message}`);

function Case({ one }: { one: TestCase }) {
  const isUnsupported = /unsupported|not_supported|discarded/.test(one.outcome);
  const isGood = /^(passed|ok|delivered|success)$/.test(one.outcome);

  return (
    <li><Sign sign={isGood ? '✔' : isUnsupported ? '–' : '✖'} tone={isGood ? 'ok' : isUnsupported ? 'muted' : 'error'}>{isGood ? 'passed' : isUnsupported ? 'not supported' : 'failed'}</Sign> {one.name} <span class="muted">{errorOf(one)}</span></li>
  );
}

export function Suite({ path, source }: { path: string; source: string | undefined }) {
  const [result, setResult] = useState<Result | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const run = (): void => {
    setIsBusy(true);
    setProblem(null);
    ask<Result>(`${path}/test`, { method: 'POST', body: source === undefined ? {} : { source } }).then(setResult, (error: unknown) => setProblem(problemFrom(error))).finally(() => setIsBusy(false));
  };

  return (
    <>
      <p>The eight events that Segment's Developer Center sends. No request leaves this machine.</p>
      <p class="actions"><button type="button" class="main" disabled={isBusy} onClick={run}>Run all 8 cases</button></p>
      {problem && <Failed problem={problem} what="the eight cases" />}
      {result && <><p role="status" data-testid="verdict"><strong>{result.verdict}</strong></p><ul class="cases">{result.cases.map((one, i) => <Case key={i} one={one} />)}</ul></>}
    </>
  );
}
