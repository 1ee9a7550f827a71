// SPDX-License-Identifier: MIT
// The eight cases of Segment's Developer Center, with one verdict.

import { useState } from 'preact/hooks';

import { ask, problemFrom, type Problem } from '../../api/ask';
import type { Color, Suite as Result, TestCase } from '../../api/types';
import { Failed } from '../../parts/notice';
import { plural } from '../../words/count';
import { Sign } from '../../words/state';

const looks: Record<Color, [string, string, string]> = { green: ['✔', 'ok', 'passed'], yellow: ['–', 'muted', 'not supported'], red: ['✖', 'error', 'failed'] };

function Case({ one }: { one: TestCase }) {
  const [sign, tone, words] = looks[one.color] ?? looks.red;

  return <li><Sign sign={sign} tone={tone}>{words}</Sign> {one.name} {one.error && <span class="muted">{one.error.name}: {one.error.message}</span>}</li>;
}

export const askSuite = (path: string, source: string | undefined): Promise<Result> =>
  ask<Result>(`${path}/test`, { method: 'POST', body: source === undefined ? {} : { source } });

export function Cases({ result }: { result: Result }) {
  const [sign, tone] = looks[result.verdict] ?? looks.red;

  return (
    <>
      <p class="verdict" role="status" data-testid="verdict"><strong><Sign sign={sign} tone={tone}>{result.passed} passed, {result.unsupported} not supported, {result.failed} failed</Sign></strong></p>
      {result.error && <p class="error">{result.error}</p>}
      <ul class="cases">{result.cases.map((one, i) => <Case key={i} one={one} />)}</ul>
    </>
  );
}

export function Suite({ path, source }: { path: string; source: string | undefined }) {
  const [result, setResult] = useState<Result | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const run = (): void => {
    setIsBusy(true);
    setProblem(null);
    askSuite(path, source).then(setResult, (error: unknown) => { setProblem(problemFrom(error)); setResult(null); }).finally(() => setIsBusy(false));
  };

  return (
    <>
      <p>The events that Segment's Developer Center sends{result && `: ${plural(result.cases.length, 'case')}`}. No request leaves this machine.</p>
      <p class="actions"><button type="button" class="main" disabled={isBusy} onClick={run}>Run all 8 cases</button></p>
      {problem && <Failed problem={problem} what="the eight cases" />}
      {result && <Cases result={result} />}
    </>
  );
}
