// SPDX-License-Identifier: MIT
// What the API says of the server's own upkeep: how long things are kept, how it does, what a support bundle has.

export interface Kept {
  what: string; // events, dead, audit, jobs …
  keep_ms: number | null; // null: for ever
  count: number | null;
  bytes: number | null;
  oldest_at: string | null;
  goes_at: string | null; // when the oldest goes
  key: string | null; // of the configuration
}

export interface Retention { data: Kept[]; disk: { bytes: number | null; limit_bytes: number | null; free_bytes: number | null } }

export interface HealthCheck { name: string; state: string; text: string; remedy: string | null }

export interface Health { status: string; checks: HealthCheck[] }

export interface SupportPart { name: string; text: string }
