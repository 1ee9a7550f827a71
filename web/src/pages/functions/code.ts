// SPDX-License-Identifier: MIT
// CodeMirror, put together; loaded only where there is code. It lives in a shadow root, because
// there it takes constructed style sheets: a style element of its own our policy would refuse.

import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { javascript } from '@codemirror/lang-javascript';
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { EditorState, type Text } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';

import type { CodeProblem } from '../../api/types';

export interface CodeView {
  text: () => string;
  replace: (text: string) => void;
  mark: (problems: CodeProblem[]) => void;
  goTo: (line: number, column: number) => void;
  end: () => void;
}

interface Options { text: string; label: string; isReadOnly: boolean; onChange: (text: string) => void; onSave: () => void; onRun: () => void }

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.controlKeyword, tags.definitionKeyword, tags.moduleKeyword], color: 'var(--code-word)' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: 'var(--code-text)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--code-number)' },
  { tag: tags.comment, color: 'var(--muted)', fontStyle: 'italic' },
  { tag: [tags.function(tags.variableName), tags.function(tags.definition(tags.variableName))], color: 'var(--code-name)' },
]);

const look = EditorView.theme({
  '&': { height: '100%', fontSize: '13px', color: 'var(--text)', backgroundColor: 'var(--page)' },
  '&.cm-focused': { outline: '2px solid var(--link)', outlineOffset: '-2px' },
  '.cm-content': { fontFamily: 'ui-monospace, monospace', caretColor: 'var(--text)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-gutters': { color: 'var(--muted)', backgroundColor: 'var(--panel)', borderRight: '1px solid var(--line)' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'color-mix(in srgb, var(--link) 8%, transparent)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'color-mix(in srgb, var(--link) 28%, transparent)' },
  '.cm-tooltip': { color: 'var(--text)', backgroundColor: 'var(--panel)', border: '1px solid var(--border)' },
  '.cm-matchingBracket': { outline: '1px solid var(--border)' },
});

function placeOf(doc: Text, { line, column, width }: CodeProblem): { from: number; to: number } {
  const at = doc.line(Math.max(1, Math.min(doc.lines, line ?? 1)));
  const from = Math.min(at.to, at.from + Math.max(0, (column ?? 1) - 1));

  return { from, to: Math.min(at.to, from + Math.max(1, width ?? 1)) };
}

// Where text replaces coloured text Chromium keeps the colour by a style attribute, which our policy
// refuses (and reports). So that text is put in here.
const replacing = EditorView.domEventHandlers({
  beforeinput: (event, view) => {
    if (event.inputType !== 'insertText' || event.data === null || view.composing || view.state.readOnly || view.state.selection.main.empty) return false;
    view.dispatch(view.state.replaceSelection(event.data), { userEvent: 'input.type', scrollIntoView: true });
    return true;
  },
});

export function openCode(host: HTMLElement, { text, label, isReadOnly, onChange, onSave, onRun }: Options): CodeView {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(), lintGutter(), history(), drawSelection(), indentOnInput(), bracketMatching(), highlightActiveLine(), javascript(), replacing,
        syntaxHighlighting(colours), look, EditorView.lineWrapping, EditorState.readOnly.of(isReadOnly),
        EditorView.contentAttributes.of({ 'aria-label': label, 'tabindex': '0' }),
        keymap.of([
          { key: 'Mod-s', preventDefault: true, run: () => { onSave(); return true; } },
          { key: 'Mod-Enter', run: () => { onRun(); return true; } },
          ...defaultKeymap, ...historyKeymap, // Tab leaves the editor: it is no trap
        ]),
        EditorView.updateListener.of((update) => { if (update.docChanged) onChange(update.state.doc.toString()); }),
      ],
    }),
  });

  return {
    text: () => view.state.doc.toString(),
    replace: (next) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } }),
    mark: (problems) => {
      const { doc } = view.state;

      view.dispatch(setDiagnostics(view.state, problems.map((problem): Diagnostic => ({
        ...placeOf(doc, problem), severity: problem.severity === 'note' ? 'info' : 'error',
        message: [problem.message, problem.help, problem.code].filter(Boolean).join('\n'),
      }))));
    },
    goTo: (line, column) => {
      const { from } = placeOf(view.state.doc, { line, column, width: 1, code: '', message: '', help: null, severity: '' });

      view.dispatch({ selection: { anchor: from }, scrollIntoView: true });
      view.focus();
    },
    end: () => view.destroy(),
  };
}
