// SPDX-License-Identifier: MIT
// What a page shows of one question: its answer, why there is none, or that it is being asked.

import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

import { ask, problemFrom, type Problem } from './ask';

export interface Loaded<T> {
  data: T | null; // the last good answer, also while it is asked again
  problem: Problem | null;
  isLoading: boolean;
  reload: () => void;
  put: (data: T) => void;
}

// @path of null asks nothing. A new path forgets the answer of the old one.
export function useLoaded<T>(path: string | null): Loaded<T> {
  const [state, setState] = useState<{ path: string | null; data: T | null; problem: Problem | null }>({ path, data: null, problem: null });
  const [turn, setTurn] = useState(0);
  const asked = useRef(path);
  const isOld = state.path !== path;

  asked.current = path;
  useEffect(() => {
    if (path === null) return undefined;
    const stop = new AbortController();

    ask<T>(path, { signal: stop.signal }).then(
      (data) => setState({ path, data, problem: null }),
      (error: unknown) => {
        if (!stop.signal.aborted)
          setState((old) => ({ path, data: old.path === path ? old.data : null, problem: problemFrom(error) }));
      },
    );
    return () => stop.abort();
  }, [path, turn]);
  return {
    data: isOld ? null : state.data,
    problem: isOld ? null : state.problem,
    isLoading: path !== null && (isOld || (state.data === null && state.problem === null)),
    reload: useCallback(() => setTurn((old) => old + 1), []),
    put: useCallback((data: T) => setState({ path: asked.current, data, problem: null }), []),
  };
}
