// SPDX-License-Identifier: MIT
// One thing that a form asks of the server: whether it runs, and why it was refused.

import { useState } from 'preact/hooks';

import { problemFrom, type Problem } from '../api/ask';

export interface Doing {
  isBusy: boolean;
  problem: Problem | null;
  run: <T>(what: Promise<T>, done: (answer: T) => void) => void;
}

export function useDoing(): Doing {
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  return {
    isBusy, problem,
    run: (what, done) => {
      setIsBusy(true);
      setProblem(null);
      what.then(done, (error: unknown) => setProblem(problemFrom(error))).finally(() => setIsBusy(false));
    },
  };
}
