// SPDX-License-Identifier: MIT
// What the API says of the server's own upkeep: how long things are kept, how it does, what a support bundle has.

// Of each thing either a time or a number of rows is the limit.
export interface Kept {
  kept_ms?: number;
  kept_rows?: number;
  oldest_at?: string | null;
  goes_at?: string | null; // when the oldest goes
}

export interface Retention { store: { bytes: number; limit_bytes: number; free_bytes: number | null }; [what: string]: Kept | Retention['store'] }

export interface HealthCheck { name: string; ok: boolean; text: string; remedy: string | null }

export interface Health { status: string; checks: HealthCheck[] }

export interface Support { data: { name: string; what: string }[]; left_out: string | null }
