// SPDX-License-Identifier: MIT
// What a function made of an event: which values went out again and under which name, which are
// new, which were left out. Two documents of different shape, so values are compared, not lines.

export interface Change { kind: 'kept' | 'added' | 'left out'; path: string; text: string }

const MOST = 200;

function leaves(value: unknown, path: string, ret: Map<string, string>): void {
  if (ret.size >= MOST) return;
  if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) leaves(inner, path === '' ? name : `${path}.${name}`, ret);
    return;
  }
  ret.set(path, JSON.stringify(value) ?? 'undefined');
}

export function changesOf(payload: unknown, body: string): Change[] | null {
  const came = new Map<string, string>();
  const went = new Map<string, string>();
  const changes: Change[] = [];

  try {
    leaves(JSON.parse(body), '', went);
  } catch {
    return null; // not JSON: nothing to compare
  }
  leaves(payload, '', came);
  const taken = new Set<string>();

  for (const [path, value] of went) {
    const from = came.get(path) === value ? path : [...came].find(([one, its]) => its === value && !taken.has(one))?.[0];

    if (from === undefined) changes.push({ kind: 'added', path, text: value });
    else {
      taken.add(from);
      changes.push({ kind: 'kept', path: from, text: from === path ? value : `as ${path}: ${value}` });
    }
  }
  for (const [path, value] of came) if (!taken.has(path)) changes.push({ kind: 'left out', path, text: value });
  return changes;
}
