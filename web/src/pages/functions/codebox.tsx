// SPDX-License-Identifier: MIT
// The place of the editor on the page; a plain text field when its code cannot be loaded.

import { useEffect, useRef, useState } from 'preact/hooks';

import type { CodeProblem } from '../../api/types';
import { Skeleton } from '../../parts/notice';
import type { CodeView } from './code';

interface Props {
  label: string;
  text: string; // what the editor has; a change from outside replaces it
  isReadOnly: boolean;
  problems: CodeProblem[];
  onChange: (text: string) => void;
  onSave: () => void;
  onRun: () => void;
  goTo: { line: number; column: number } | null;
}

export function CodeBox({ label, text, isReadOnly, problems, onChange, onSave, onRun, goTo }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<CodeView | null>(null);
  const latest = useRef({ text, onChange, onSave, onRun });
  const [state, setState] = useState<'loading' | 'there' | 'plain'>('loading');

  latest.current = { text, onChange, onSave, onRun };
  useEffect(() => {
    let isOver = false;

    import('./code').then(({ openCode }) => {
      if (isOver || !host.current) return;
      view.current = openCode(host.current, {
        text: latest.current.text, label, isReadOnly, onChange: (next) => latest.current.onChange(next),
        onSave: () => latest.current.onSave(), onRun: () => latest.current.onRun(),
      });
      setState('there');
    }, () => setState('plain'));
    return () => { isOver = true; view.current?.end(); view.current = null; };
  }, [isReadOnly]);
  useEffect(() => { if (view.current && view.current.text() !== text) view.current.replace(text); }, [text]);
  useEffect(() => view.current?.mark(problems), [problems, state]);
  useEffect(() => { if (goTo) view.current?.goTo(goTo.line, goTo.column); }, [goTo]);
  return (
    <>
      {state === 'loading' && <Skeleton rows={10} />}
      {state === 'plain' ? <textarea class="code-box" aria-label={label} readOnly={isReadOnly} spellcheck={false} value={text} onInput={({ currentTarget }) => onChange(currentTarget.value)} /> :
        <div class="code-box" ref={host} data-testid="editor" />}
    </>
  );
}
