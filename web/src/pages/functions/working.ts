// SPDX-License-Identifier: MIT
// The working copy: what is in the editor, what lies on disk, and whether it would run.

import { useEffect, useRef, useState } from 'preact/hooks';

import { ask, problemFrom, type Problem } from '../../api/ask';
import { beforeLeaving, keepDraft, takeDraft } from '../../api/leave';
import type { Loaded } from '../../api/loaded';
import type { Check, CodeProblem, FunctionInfo } from '../../api/types';
import { may, me } from '../../api/who';
import { say } from '../../parts/announce';

const CHECK_MS = 150; // after typing stops

export interface Working {
  text: string;
  isChanged: boolean;
  problems: CodeProblem[];
  checkProblem: Problem | null; // why there are no marks
  conflict: string | null; // what the file has, when it changed under us
  isBusy: boolean;
  change: (text: string) => void;
  save: () => Promise<boolean>;
  takeTheirs: () => void;
  keepMine: () => void;
}

const shaOf = async (text: string): Promise<string> => {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));

  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
};

function sourceIn(body: unknown): string | null {
  const source = typeof body === 'object' && body !== null ? (body as { source?: unknown }).source : null;

  return typeof source === 'string' ? source : null;
}

export function useWorking(path: string, loaded: Loaded<FunctionInfo>): Working {
  const source = loaded.data?.source;
  const [base, setBase] = useState<string | null>(null); // what the file had when we took it
  const [text, setText] = useState('');
  const [problems, setProblems] = useState<CodeProblem[]>([]);
  const [checkProblem, setCheckProblem] = useState<Problem | null>(null);
  const [conflict, setConflict] = useState<string | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const isChanged = base !== null && text !== base;
  const now = useRef({ base, text });

  now.current = { base, text };
  // The file on disk wins where nothing was typed; else one is asked.
  useEffect(() => {
    if (source === undefined || source === now.current.base) return;
    const draft = now.current.base === null ? takeDraft(path, me.value?.name ?? '') : null;

    if (draft) {
      setBase(draft.base);
      setText(draft.text);
      if (source !== draft.base && source !== draft.text) setConflict(source);
      say('Here is what you had not saved');
      return;
    }
    if (now.current.base === null || now.current.text === now.current.base) {
      setBase(source);
      setText(source);
    } else if (source === now.current.text) {
      setBase(source);
    } else {
      setConflict(source);
    }
  }, [source]);
  useEffect(() => beforeLeaving(() => {
    const { base: was, text: is } = now.current;

    if (was !== null && is !== was) keepDraft(path, { who: me.value?.name ?? '', base: was, text: is });
  }), [path]);
  useEffect(() => {
    if (base === null || !may('operator')) return undefined;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      ask<Check>(`${path}/check`, { method: 'POST', body: { source: text }, signal: stop.signal }).then(
        (check) => { setProblems(check.problems); setCheckProblem(null); },
        (error: unknown) => { if (!stop.signal.aborted) setCheckProblem(problemFrom(error)); });
    }, CHECK_MS);

    return () => { clearTimeout(timer); stop.abort(); };
  }, [text, base === null, path]);
  const save = async (): Promise<boolean> => {
    if (base === null) return false;
    setIsBusy(true);
    try {
      await ask(path, { method: 'PUT', body: { source: text, base_sha256: await shaOf(base) } });
      setBase(text);
      say('Saved');
      loaded.reload();
      return true;
    } catch (error) {
      const problem = problemFrom(error);
      const theirs = problem.status === 409 ? sourceIn(problem.body) : null;

      if (theirs !== null) setConflict(theirs);
      else if (problem.status === 409) loaded.reload();
      say(`Not saved: ${problem.message}`, true);
      return false;
    } finally {
      setIsBusy(false);
    }
  };

  return {
    text, isChanged, problems, checkProblem, conflict, isBusy, change: setText, save,
    takeTheirs: () => { if (conflict !== null) { setBase(conflict); setText(conflict); setConflict(null); } },
    keepMine: () => { if (conflict !== null) { setBase(conflict); setConflict(null); } },
  };
}
