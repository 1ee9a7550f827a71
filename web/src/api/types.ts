// SPDX-License-Identifier: MIT
// What the API answers with (docs/reference/http-api.md), as far as the console reads it.

export interface List<T> { data: T[]; next: string | null; total: number | null; partial?: Reached | null }

// How far a search came before its time was over; next goes on there.
export interface Reached { looked_at: number; back_to: string | null }

export type State = 'queued' | 'running' | 'retrying' | 'delivered' | 'discarded' | 'dead';

export interface Fault { name: string; message: string; line?: number | null; note?: string | null }

// A part is null when it did not happen: the connection was open already, or there is no TLS.
export interface Timing { dns_ms: number | null; connect_ms: number | null; tls_ms: number | null; first_byte_ms: number | null; total_ms: number | null }

export interface Exchange {
  method: string;
  url: string;
  headers: Record<string, string> | null;
  body: string | null;
  response: { status: number; headers: Record<string, string> | null; body: string | null } | null;
  duration_ms: number | null;
  timing?: Timing | null;
  sends?: number; // more than once: a connection that was kept ended unanswered
  error: string | null;
}

export interface Attempt {
  id: string;
  at: string;
  duration_ms: number | null;
  outcome: string;
  error: Fault | null;
  result?: unknown;
  logs: string[] | null;
  requests: Exchange[] | null;
}

export interface Delivery {
  id: string;
  subscription: string | null;
  state: State;
  n_attempts: number;
  created_at: string | null;
  next_at: string | null;
  settled_at: string | null;
  replay: string | null;
  last_error: string | null;
  attempts: Attempt[];
}

export interface EventRow {
  id: string;
  received_at: string;
  type: string;
  name: string | null;
  subscription: string | null;
  key?: string | null;
  key_name?: string | null;
  install?: string | null;
  message_id?: string | null;
  user_id: string | null;
  anonymous_id?: string | null;
  group_id?: string | null;
  previous_id?: string | null;
  size_bytes?: number;
  erased?: boolean;
  payload?: unknown;
  deliveries: Delivery[];
}

export interface Counters {
  accepted: number; duplicates: number; rejected: number; replayed: number; queued: number;
  running: number; retrying: number; delivered: number; discarded: number; dead: number;
}

export interface Status {
  version: string;
  uptime_ms: number;
  mode: string;
  status: string;
  pid: number;
  listeners: { public: string; admin: string };
  subscriptions: { name: string; kind: string; path: string }[];
  counters: Counters;
  queue_depth: number;
  dead_letters: number;
  store: { bytes: number; limit_bytes: number } | null;
  runners?: { count: number; in_flight: number; rss_bytes: number; sandbox?: string; sandbox_layers?: string } | null;
  emulator?: string | null;
}

export interface StatsPoint {
  at: string;
  received: number | null;
  delivered: number | null;
  retried: number | null;
  discarded: number | null;
  dead: number | null;
  p50_ms: number | null;
  p95_ms: number | null;
  p99_ms: number | null;
}

export interface Attention { kind: string; subject: string; text: string; since: string | null; path: string | null }

export interface Stats {
  from: string;
  to: string;
  step_s: number;
  points: StatsPoint[];
  totals: {
    received: number; delivered_first: number; delivered_retry: number; discarded: number; not_supported: number;
    dead: number; p95_ms: number | null; waiting: number; oldest_waiting_ms: number | null;
  };
  attention: Attention[];
}

export interface DeadGroup {
  subscription: string | null;
  endpoint: string | null;
  error: string | null;
  status: number | null;
  count: number;
  first_at: string | null;
  last_at: string | null;
  q: string;
  message?: string | null; // of the newest
  advice: string | null;
  is_temporary: boolean | null;
}

export interface Job {
  id: string;
  kind?: string;
  state: string;
  matched: number;
  done: number;
  failed: number;
  created_at?: string | null;
  q?: string | null;
  bytes?: number | null; // of an export
  error?: string | null;
}

// What a replay would do with the event that goes first.
export interface First { event: string | null; name: string | null; subscription: string | null; run: Run | null; why: string | null }

export interface ReplayPlan extends Job { first?: First | null }

// Of the last hour, in steps of five minutes.
export interface Pulse { recent?: (number | null)[]; ok_ratio?: number | null; p95_ms?: number | null; waiting?: number }

export interface Endpoint extends Omit<Pulse, 'waiting'> {
  host: string;
  state: string;
  paused: boolean;
  breaker: string;
  failures: number;
  waiting: number;
  in_flight: number;
  requests: number;
  last_status: number | null;
  last_error: string | null;
  last_success_at: string | null;
  last_failure_at: string | null;
}

export interface Pong { host: string; transport: string; status: number | null; duration_ms: number; timing?: Timing | null; error: string | null }

export interface FunctionVersion { version: number; created_at: string | null; labels: string[]; sha256: string }

export interface FunctionInfo extends Pulse {
  name: string;
  subscription: string;
  path: string;
  version: number;
  kind: string;
  instances: number;
  state: string;
  handlers: string[];
  error: string | null;
  source?: string;
  sha256?: string;
  versions?: FunctionVersion[];
  is_readonly?: boolean;
  is_deployed?: boolean;
  settings?: { name: string; kind: string | null; origin: string | null }[];
}

export interface CodeProblem { line: number | null; column: number | null; width: number | null; code: string; message: string; help: string | null; severity: string }

export interface Check { ok: boolean; handlers: string[]; problems: CodeProblem[] }

export interface Run {
  outcome: string;
  handler?: string | null;
  duration_ms?: number | null;
  error?: Fault | null;
  result?: unknown;
  logs?: string[] | null;
  requests?: Exchange[] | null;
}

export type Color = 'green' | 'yellow' | 'red';

export interface TestCase { name: string; type: string; color: Color; status: number | null; handler: string | null; error: Fault | null; duration_ms: number | null }

export interface Suite { cases: TestCase[]; passed: number; unsupported: number; failed: number; verdict: Color; error: string | null }

export interface Install {
  install: string;
  number: number;
  state: string;
  workspace: string | null;
  source: string | null;
  destination: string | null;
  scope: string | null;
  created: boolean;
  token_expires_at: string | null;
  token_generation: number;
  drift: unknown;
  fault?: string | null;
  created_at: string | null;
  updated_at: string | null;
  synced_at: string | null;
  steps?: InstallStep[];
}

// One step of the exchange with Segment, without what is secret in it.
export interface InstallStep {
  at: string;
  step: string;
  duration_ms: number | null;
  status: number | null;
  ok: boolean;
  summary: string | null;
  request: { method: string; url: string; query?: string | null; body?: unknown } | null;
  response: { status: number; body?: unknown } | null;
}

export interface Template { name: string; title: string; description: string; source: string }

export interface ConfigRow {
  key: string;
  value: unknown; // a text, or the names of settings
  origin: string;
  place: string | null;
  how: string | null;
  help: string | null;
  is_secret: boolean;
}

export type Role = 'viewer' | 'operator' | 'admin';

export interface Me { kind: 'dev' | 'user' | 'token' | 'unknown'; name: string; role: Role; expires_at: string | null }

export interface Invitation { url: string; expires_at: string }

export interface User { id: string; name: string; role: Role; created_at: string | null; has_password?: boolean; invitation?: { expires_at: string } | Invitation | null }

export interface Session { id: string; user: string; created_at: string; used_at: string | null; expires_at: string | null; is_current: boolean }

export interface AuditRow { id: string; at: string; actor: string; role: string | null; action: string; subject: string | null; peer: string | null; status: number | null }

export interface Token { id: string; name: string; role: string; created_at?: string | null; last_used_at?: string | null; expires_at?: string | null; revoked_at?: string | null }
