// SPDX-License-Identifier: MIT
// Values that a search may have here: names of subscriptions, functions, installs, recent events.

import { useLoaded } from '../api/loaded';
import type { EventRow, FunctionInfo, Install, List, Status } from '../api/types';

const different = (list: (string | null | undefined)[]): string[] => [...new Set(list.filter((one): one is string => Boolean(one)))];

// Asked when the box is opened, not before.
export function useKnown(isWanted: boolean, status: Status | null): Record<string, string[]> {
  const functions = useLoaded<List<FunctionInfo>>(isWanted ? '/functions' : null);
  const installs = useLoaded<List<Install>>(isWanted ? '/installs' : null);
  const events = useLoaded<List<EventRow>>(isWanted ? '/events?limit=50' : null);
  const rows = events.data?.data ?? [];

  return {
    'sub:': different(status?.subscriptions.map(({ name }) => name) ?? []),
    'fn:': different(functions.data?.data.map(({ name }) => name) ?? []),
    'install:': different(installs.data?.data.map(({ number }) => String(number)) ?? []),
    'source:': different(installs.data?.data.map(({ source }) => source?.split('/').pop()) ?? []),
    'event:': different(rows.map(({ name }) => name)),
    'user:': different(rows.map(({ user_id: user }) => user)).slice(0, 10),
    'error:': different(rows.flatMap(({ deliveries }) => deliveries.map(({ last_error: error }) => error))),
  };
}
