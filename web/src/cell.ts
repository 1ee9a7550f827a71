// SPDX-License-Identifier: MIT
// A value that components look at: who uses it is drawn again when it changes.

import { useEffect, useState } from 'preact/hooks';

export class Cell<T> {
  #value: T;
  readonly #watchers = new Set<(value: T) => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const watcher of [...this.#watchers]) watcher(value);
  }

  watch(watcher: (value: T) => void): () => void {
    this.#watchers.add(watcher);
    return () => { this.#watchers.delete(watcher); };
  }
}

export function useCell<T>(cell: Cell<T>): T {
  const [value, setValue] = useState<{ is: T }>({ is: cell.value });

  useEffect(() => {
    setValue((old) => (Object.is(old.is, cell.value) ? old : { is: cell.value }));
    return cell.watch((is) => setValue({ is }));
  }, [cell]);
  return value.is;
}
