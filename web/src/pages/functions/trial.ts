// SPDX-License-Identifier: MIT
// One event through the function as it stands in the editor.

import { useEffect, useState } from 'preact/hooks';

import { address } from '../../address';
import { ask, problemFrom, type Problem } from '../../api/ask';
import type { EventRow, Run } from '../../api/types';
import { useCell } from '../../cell';
import { indented } from '../../parts/json';
import { samples } from './samples';

export interface Trial {
  event: string;
  fault: string | null; // why the event is none
  isLive: boolean;
  isBusy: boolean;
  result: Run | null;
  problem: Problem | null;
  setEvent: (text: string) => void;
  setIsLive: (on: boolean) => void;
  run: () => Promise<void>;
}

function faultOf(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : 'not JSON';
  }
}

export function useTrial(path: string, source: () => string): Trial {
  const wanted = useCell(address).query.get('event');
  const [event, setEvent] = useState(indented(samples[0]?.event));
  const [isLive, setIsLive] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const [result, setResult] = useState<Run | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const fault = faultOf(event);

  useEffect(() => {
    if (wanted) ask<EventRow>(`/events/${encodeURIComponent(wanted)}`).then(({ payload }) => setEvent(indented(payload)), () => undefined);
  }, [wanted]);
  const run = async (): Promise<void> => {
    if (fault !== null || isBusy) return;
    setIsBusy(true);
    setProblem(null);
    try {
      const text = source();

      setResult(await ask<Run>(`${path}/run`, { method: 'POST', body: { ...(text !== '' && { source: text }), event: JSON.parse(event), live: isLive } }));
    } catch (error) {
      setProblem(problemFrom(error));
      setResult(null);
    }
    setIsBusy(false);
  };

  return { event, fault, isLive, isBusy, result, problem, setEvent, setIsLive, run };
}
