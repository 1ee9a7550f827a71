// SPDX-License-Identifier: MIT
// Tabs as ARIA has them: one of them is in the order of Tab, the arrows go along.

import type { ComponentChildren } from 'preact';
import { useId, useRef } from 'preact/hooks';

export interface Tab { id: string; title: string; keys?: string }

interface Props {
  label: string;
  tabs: Tab[];
  current: string;
  onPick: (id: string) => void;
  children: ComponentChildren;
}

export function Tabs({ label, tabs, current, onPick, children }: Props) {
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const move = (event: KeyboardEvent): void => {
    const at = tabs.findIndex((one) => one.id === current);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    const next = to === undefined ? undefined : tabs[(to + tabs.length) % tabs.length];

    if (!next) return;
    event.preventDefault();
    onPick(next.id);
    list.current?.querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus();
  };

  return (
    <>
      <div class="tabs" role="tablist" aria-label={label} ref={list} onKeyDown={move}>
        {tabs.map((tab) => (
          <button key={tab.id} type="button" role="tab" data-tab={tab.id} id={`${id}-${tab.id}`} aria-selected={tab.id === current}
            aria-controls={`${id}-panel`} tabIndex={tab.id === current ? 0 : -1} aria-keyshortcuts={tab.keys} onClick={() => onPick(tab.id)}>
            {tab.title}
          </button>
        ))}
      </div>
      <div class="tab-panel" role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${current}`} tabIndex={0}>{children}</div>
    </>
  );
}
