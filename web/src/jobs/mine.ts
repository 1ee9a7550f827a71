// SPDX-License-Identifier: MIT
// Long work of the server that was begun in this browser: it is shown until it is dismissed, on
// every page and after a reload.

import { ask, problemFrom } from '../api/ask';
import type { Job } from '../api/types';
import { Cell } from '../cell';
import { keep, kept } from '../kept';
import { say } from '../parts/announce';

const MOST = 8;

function read(): string[] {
  try {
    const list: unknown = JSON.parse(kept('jobs') ?? '[]');

    return Array.isArray(list) ? list.filter((one): one is string => typeof one === 'string').slice(0, MOST) : [];
  } catch {
    return [];
  }
}

export const mine = new Cell<string[]>(read());

mine.watch((ids) => keep('jobs', JSON.stringify(ids)));

export const follow = (id: string): void => mine.set([id, ...mine.value.filter((one) => one !== id)].slice(0, MOST));
export const dismiss = (id: string): void => mine.set(mine.value.filter((one) => one !== id));

export async function startExport(q: string): Promise<void> {
  try {
    const { id } = await ask<Job>('/exports', { method: 'POST', body: { q } });

    follow(id);
    say('The export has begun');
  } catch (error) {
    const problem = problemFrom(error);

    say(problem.isMissing ? 'This server does not export from the console; partnerapp events export does' : `Not exported: ${problem.message}`, true);
  }
}
