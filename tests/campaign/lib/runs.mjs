// SPDX-License-Identifier: MIT
// The book of runs: a line of JSON for each, and what is still missing from what a release has.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

import { program, root } from '../../e2e/lib/program.mjs';
import { align, columns } from './books.mjs';

// Rounds that a release has behind it; of `calls` each point once, of fuzzing seconds a target.
export const wanted = { kill: 10000, power: 100000, sync: 2000, disk: 200, rolling: 200 };
export const wantedSeconds = 1800;

function said(command, args) {
  const { status, stdout } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });

  return status === 0 ? stdout.trim() : undefined;
}

// COMMIT where the sources are no repository.
function origin() {
  return {
    version: said(program, ['version']),
    commit: process.env.COMMIT ?? said('git', ['describe', '--always', '--dirty']),
    date: new Date().toISOString(),
  };
}

export function enter(file, seed, { name, seconds, skipped, problems = [], whole, part, ...row }) {
  if (!file || skipped) return;
  const counts = Object.fromEntries(columns.filter((column) => row[column] !== undefined).map((column) => [column, row[column]]));
  const line = { campaign: name, seed, ...counts, whole, part, seconds, failures: problems.length,
    problems: problems.length > 0 ? problems.slice(0, 5) : undefined, ...origin() };

  fs.appendFileSync(file, `${JSON.stringify(line)}\n`);
}

export function readRuns(file) {
  if (!fs.existsSync(file)) return [];
  return fs.readFileSync(file, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));
}

// What a run that failed did does not count, but that it failed does.
function addUp(runs) {
  const sums = new Map();

  for (const run of runs) {
    const name = run.target ?? run.campaign;
    const sum = sums.get(name) ?? { runs: 0, rounds: 0, acknowledged: 0, duplicates: 0, lost: 0, seconds: 0, executions: 0,
      failed: 0,
      parts: new Set(), isFuzz: run.target !== undefined };

    sums.set(name, sum);
    sum.runs++;
    sum.lost += run.lost ?? 0;
    if (run.failures > 0) sum.failed++;
    else for (const what of ['rounds', 'acknowledged', 'duplicates', 'seconds', 'executions']) sum[what] += run[what] ?? 0;
    if (run.whole && run.failures === 0) sum.parts.add(run.part ?? '0/1');
  }
  return sums;
}

// Parts are '0/2' and '1/2': of two lanes.
function isWhole(parts) {
  return [...parts].some((part) => {
    const lanes = Number(part.split('/')[1]);

    return Array.from({ length: lanes }, (_, lane) => parts.has(`${lane}/${lanes}`)).every(Boolean);
  });
}

function missingOf(name, sum) {
  if (sum.isFuzz) return { want: wantedSeconds, missing: Math.max(0, wantedSeconds - sum.seconds), unit: 's' };
  if (name === 'calls') return { want: 'each', missing: isWhole(sum.parts) ? 0 : 1, unit: 'whole run' };
  const want = wanted[name] ?? 0;

  return { want, missing: Math.max(0, want - sum.rounds), unit: 'rounds' };
}

// 'fuzz_scan' …: each has a source.
function fuzzTargets() {
  return fs.readdirSync(path.join(root, 'tests/fuzz')).filter((name) => /^fuzz_.*\.c$/.test(name)).map((name) => name.slice(0, -2));
}

// Lines of a table, and whether all is there that is wanted.
export function total(runs) {
  const sums = addUp(runs);
  const none = { runs: 0, rounds: 0, acknowledged: 0, duplicates: 0, lost: 0, seconds: 0, executions: 0, failed: 0, parts: new Set() };
  const names = [...new Set([...Object.keys(wanted), 'calls', ...fuzzTargets(), ...sums.keys()])];
  const rows = [['campaign', 'runs', 'failed', 'rounds', 'wanted', 'missing', 'acknowledged', 'duplicates', 'lost', 'executions',
    'seconds']];
  let isAll = true;

  for (const name of names) {
    const sum = sums.get(name) ?? { ...none, isFuzz: name.startsWith('fuzz_') };
    const { want, missing, unit } = missingOf(name, sum);

    isAll &&= missing === 0;
    rows.push([name, sum.runs, sum.failed, sum.rounds, want, missing > 0 ? `${missing} ${unit}` : '-', sum.acknowledged, sum.duplicates,
      sum.lost, sum.executions, sum.seconds]);
  }
  return { lines: align(rows), isAll };
}
