// SPDX-License-Identifier: MIT
// packaging/: every metric and label that the dashboard and the alerts name is one that a
// service which has seen all kinds of traffic tells, and what they tell people to type is there.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { before, test } from 'node:test';

import { request } from './lib/http.mjs';
import { Endpoint } from './lib/endpoint.mjs';
import { Partner } from './lib/partner.mjs';
import { temporaryFolder } from './lib/place.mjs';
import { root, run } from './lib/program.mjs';
import { track } from './lib/service.mjs';
import { until } from './lib/wait.mjs';
import { parseYaml } from './lib/yaml.mjs';

const file = (name) => path.join(root, 'packaging', name);
const alertsFile = file('prometheus/partnerapp-alerts.yaml');
const dashboard = JSON.parse(fs.readFileSync(file('grafana/partnerapp.json'), 'utf8'));
const alerts = parseYaml(fs.readFileSync(alertsFile, 'utf8'));
const rules = alerts.groups.flatMap((group) => group.rules);
const panels = dashboard.panels.filter(({ type }) => type !== 'row');

// What Prometheus adds to every metric that it scrapes, and what it makes itself.
const added = ['job', 'instance'];
const own = new Map([['up', new Map()], ['ALERTS', new Map([['alertname', null], ['alertstate', null]])]]);

// --- the service that is asked ------------------------------------------------------------

const cleanups = [];
let exposition; // as it came
let metrics; // name → (label → its values)
let types; // name → kind

function parseMetrics(text) {
  const found = new Map();

  for (const line of text.split('\n').filter((one) => one && !one.startsWith('#'))) {
    const [, name, labels = ''] = /^([a-z_]+)(?:\{(.*)\})? \S+$/.exec(line) ?? assert.fail(line);

    if (!found.has(name)) found.set(name, new Map());
    for (const [, label, value] of labels.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)) {
      if (!found.get(name).has(label)) found.get(name).set(label, new Set());
      found.get(name).get(label).add(value);
    }
  }
  return found;
}

async function scrape(service) {
  const { status, text } = await request(`${service.admin}/metrics`, { headers: { Authorization: `Bearer ${service.token()}` } });

  assert.equal(status, 200);
  return text;
}

// An install with its tokens, a function, and an endpoint that takes, refuses and comes back.
async function busyService() {
  const scope = { after: (fn) => cleanups.push(fn) };
  const partner = await Partner.start(scope);
  const { service } = partner;
  let nAsked = 0;
  const endpoint = await Endpoint.start(scope, ({ body }) => (body.includes('refused') ? 400 : nAsked++ === 0 ? 503 : 200));

  fs.mkdirSync(path.join(service.folder, 'functions'));
  fs.writeFileSync(path.join(service.folder, 'functions/f.js'), 'async function onTrack(event) { return event.event }');
  service.configure({ ...service.config, subscriptions: [...service.config.subscriptions,
    { name: 'fn', path: '/fn', auth: 'none', function: 'functions/f.js' },
    { name: 'open', path: '/open', auth: 'none', endpoint: endpoint.url, retry: { attempts: 3, over: '500ms' } }] });
  await service.stop();
  await service.up();
  await partner.person().enable();
  const { number } = await partner.install();

  await service.api(`/installs/${number}/refresh`, { method: 'POST' });
  await service.api(`/installs/${number}/sync`, { method: 'POST', body: {} });
  for (const [target, messageId] of [['/fn', 'one'], ['/open', 'two'], ['/open', 'refused']])
    assert.equal((await service.post(track({ messageId }), { path: target })).status, 202);
  await until('all has ended', async () => {
    const { delivered, dead } = await service.counters();

    return delivered === 2 && dead === 1;
  });
  return service;
}

before(async () => {
  exposition = await scrape(await busyService());
  types = new Map([...exposition.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]));
  metrics = parseMetrics(exposition);
  for (const cleanup of cleanups) await cleanup();
});

// --- what the files name ------------------------------------------------------------------

// [where, PromQL] of everything that asks Prometheus.
function allQueries() {
  return [
    ...rules.map(({ alert, expr }) => [`alert ${alert}`, expr]),
    ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [`panel "${title}"`, expr])),
    ...dashboard.annotations.list.filter(({ expr }) => expr).map(({ name, expr }) => [`annotation "${name}"`, expr]),
    ...dashboard.templating.list.filter(({ type }) => type === 'query')
      .map(({ name, definition }) => [`variable ${name}`, definition.replace(/^label_values\((.*), (\w+)\)$/, 'sum by ($2) ($1)')]),
  ];
}

// The series and the labels that a query asks for: [{name, labels: [[label, values]]}].
function readQuery(promql) {
  const series = [...promql.matchAll(/\b([a-zA-Z_:]\w*)\b(?!\s*\()(?:\{([^}]*)\})?/g)]
    .filter(([, name]) => /^(?:partnerapp|process)_|^(?:up|ALERTS)$/.test(name));
  const grouped = [...promql.matchAll(/\b(?:by|on) \(([^)]*)\)/g)].flatMap(([, list]) => list.split(/\s*,\s*/));

  return series.map(([, name, matchers = '']) => ({
    name,
    labels: [...[...matchers.matchAll(/(\w+)(=~|!~|!=|=)"([^"]*)"/g)].map(([, label, , value]) => [label, value]),
      ...grouped.map((label) => [label, null])],
  }));
}

// Is it a value that the label has? Variables and patterns of names are for whoever looks.
function knowsValue(values, wanted) {
  return wanted === null || /[$*]/.test(wanted) || wanted.split('|').every((one) => values === null || values.has(one));
}

function problemsOf(promql) {
  const asked = readQuery(promql);

  if (asked.length === 0) return ['it asks for nothing'];
  return asked.flatMap(({ name, labels }) => {
    const known = own.get(name) ?? metrics.get(name);

    if (!known) return [`${name} is not told`];
    return labels.filter(([label]) => !added.includes(label)).flatMap(([label, value]) => {
      if (!known.has(label)) return [`${name} has no label ${label}`];
      return knowsValue(known.get(label), value) ? [] : [`${name} has no ${label}="${value}"`];
    });
  });
}

test('every metric, label and value that the dashboard and the alerts name is told by a service', () => {
  const queries = allQueries();
  const problems = queries.flatMap(([where, promql]) => problemsOf(promql).map((problem) => `${where}: ${problem}`));

  assert.ok(queries.length > 60, `${queries.length}`);
  assert.deepEqual(problems, []);
});

test('a counter is asked for its rate, and a gauge is not', () => {
  const wrong = allQueries().flatMap(([where, promql]) => readQuery(promql).filter(({ name }) => types.has(name)).flatMap(({ name }) => {
    const isRate = new RegExp(`(?:rate|increase)\\(${name}\\b`).test(promql);
    const isLabels = where.startsWith('variable');

    return isLabels || isRate === (types.get(name) === 'counter') ? [] : [`${where}: ${name} is a ${types.get(name)}`];
  }));

  assert.deepEqual(wrong, []);
});

test('what a legend or a text shows is a label that its query leaves', () => {
  const shown = (text) => [...text.matchAll(/\{\{\s*(?:\$labels\.)?(\w+)\s*\}\}/g)].map(([, label]) => label);
  const left = (promql) => {
    const names = readQuery(promql).flatMap(({ name }) => [...((own.get(name) ?? metrics.get(name))?.keys() ?? [])]);
    const groups = [...promql.matchAll(/\bby \(([^)]*)\)/g)].map(([, list]) => list.split(/\s*,\s*/));

    return groups.length > 0 ? groups.flat() : [...names, ...added];
  };
  const wrong = [
    ...panels.flatMap(({ title, targets }) => targets.map(({ expr, legendFormat }) => [`panel "${title}"`, expr, legendFormat])),
    ...rules.map(({ alert, expr, annotations }) => [`alert ${alert}`, expr, Object.values(annotations).join(' ')]),
  ].flatMap(([where, expr, text]) => shown(text).filter((label) => !left(expr).includes(label)).map((label) => `${where}: ${label}`));

  assert.deepEqual(wrong, []);
});

test('the dashboard can be provisioned: no data source of its own, ids and places are unlike', () => {
  const sources = JSON.stringify(dashboard).match(/"datasource":\{.*?"\}/g);

  assert.equal(dashboard.uid, 'partnerapp');
  assert.equal(dashboard.id, undefined);
  assert.ok(dashboard.templating.list.some(({ name, type }) => name === 'datasource' && type === 'datasource'));
  for (const source of sources) assert.match(source, /"uid":"(?:\$\{datasource\}|-- Grafana --)"/);
  assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
  const places = dashboard.panels.map(({ gridPos: { x, y } }) => `${x},${y}`);

  assert.equal(new Set(places).size, places.length);
  for (const { title, gridPos: { x, w } } of dashboard.panels) assert.ok(x + w <= 24, title);
  assert.equal(parseYaml(fs.readFileSync(file('grafana/provider.yaml'), 'utf8')).providers[0].type, 'file');
  assert.equal(parseYaml(fs.readFileSync(file('prometheus/scrape.yaml'), 'utf8')).scrape_configs[0].job_name, 'partnerapp');
});

test('each alert says how bad it is, what is so, and what to type', async () => {
  const guide = fs.readFileSync(path.join(root, 'docs/howto/monitoring.md'), 'utf8');
  const anchors = [...guide.matchAll(/^#+ (.*)$/gm)].map(([, title]) => title.toLowerCase().replace(/[^\w -]/g, '').replaceAll(' ', '-'));
  const commands = new Set();

  assert.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length);
  for (const { alert, labels, annotations } of rules) {
    assert.match(alert, /^Partnerapp[A-Z]/);
    assert.match(labels?.severity ?? '', /^(?:page|ticket)$/, alert);
    for (const name of ['summary', 'description', 'runbook']) assert.ok(annotations?.[name]?.length > 20, `${alert}: ${name}`);
    assert.ok(guide.includes(alert), `docs/howto/monitoring.md says nothing of ${alert}`);
    assert.ok(anchors.includes(/^docs\/howto\/monitoring\.md#(.*)$/.exec(annotations.docs)?.[1]), `${alert}: ${annotations.docs}`);
    const named = [...annotations.runbook.matchAll(/`partnerapp ([a-z]+(?: [a-z]+)*)/g)].map(([, words]) => words);

    assert.ok(named.length > 0 || /`(?:systemctl|journalctl)/.test(annotations.runbook), `${alert} names no command`);
    for (const words of named) commands.add(words);
  }
  for (const words of commands) {
    const { code, stdout } = await run([...words.split(' '), '-h']);

    assert.ok(code === 0 && stdout.includes('Usage'), `there is no command: partnerapp ${words}`);
  }
});

const promtool = spawnSync('promtool', ['--version']).status === 0;

test('promtool takes the rules, the queries of the dashboard, and the metrics themselves',
  { skip: !promtool && 'promtool is not installed (apt-get install prometheus)' }, (t) => {
    const exprs = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr.replaceAll('$__rate_interval', '5m')));
    const asRules = path.join(temporaryFolder(t), 'dashboard.yaml');
    const check = (what, args, input) => {
      const { status, stdout, stderr } = spawnSync('promtool', ['check', what, ...args], { encoding: 'utf8', input });

      assert.equal(status, 0, stdout + stderr);
    };

    fs.writeFileSync(asRules, JSON.stringify({ groups: [{ name: 'g', rules: exprs.map((expr, i) => ({ record: `r${i}`, expr })) }] }));
    check('rules', [alertsFile]);
    check('rules', [asRules]);
    check('metrics', [], exposition);
  });
