// SPDX-License-Identifier: MIT
// JSON with colours. Every piece is a text of its own: what a stranger wrote stays text.

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

const LONGEST = 200000; // beyond it colours cost more than they are worth
const token = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

function classOf(text: string, isKey: boolean): string {
  if (isKey) return 'j-key';
  if (text.startsWith('"')) return 'j-text';
  return /^[tfn]/.test(text) ? 'j-word' : 'j-number';
}

export function indented(value: unknown): string {
  return JSON.stringify(value, null, 2) ?? 'undefined';
}

// @text as it came, indented when it is JSON.
export function readable(text: string): string {
  try {
    return indented(JSON.parse(text));
  } catch {
    return text;
  }
}

function coloured(text: string): ComponentChildren[] {
  const parts: ComponentChildren[] = [];
  let at = 0;

  for (const match of text.matchAll(token)) {
    const [whole, string, colon] = match;

    parts.push(text.slice(at, match.index), <span class={classOf(whole, colon !== undefined)}>{string ?? whole}</span>, colon ?? '');
    at = match.index + whole.length;
  }
  parts.push(text.slice(at));
  return parts;
}

export function Code({ text, label, json = true }: { text: string; label: string; json?: boolean }) {
  return <pre class="code" tabIndex={0} role="region" aria-label={label}>{json && text.length < LONGEST ? coloured(text) : text}</pre>;
}

// A body that went over the wire: as people read it, or byte for byte.
export function Body({ text, label }: { text: string; label: string }) {
  const [isRaw, setIsRaw] = useState(false);
  const pretty = readable(text);

  return (
    <>
      {pretty !== text && (
        <span class="pick" role="group" aria-label={`View of the ${label.toLowerCase()}`}>
          <button type="button" aria-pressed={!isRaw} onClick={() => setIsRaw(false)}>Pretty</button>
          <button type="button" aria-pressed={isRaw} onClick={() => setIsRaw(true)}>Raw</button>
        </span>
      )}
      <Code label={label} text={isRaw ? text : pretty} />
    </>
  );
}
