// SPDX-License-Identifier: MIT
// The servers of `make bench`: ours, and what it is compared with. Each is {port, pid, syncs}, the
// last the file in which its syncs are counted.

import { spawn } from 'node:child_process';
import path from 'node:path';

import { request } from '../e2e/lib/http.mjs';
import { freePort, temporaryFolder, writeFiles } from '../e2e/lib/place.mjs';
import { root } from '../e2e/lib/program.mjs';
import { Service } from '../e2e/lib/service.mjs';
import { until } from '../e2e/lib/wait.mjs';
import { key } from './loads.mjs';
import { countsSyncs } from './measure.mjs';

// Cleans up at the end, whatever happens.
export async function withScope(work) {
  const cleanups = [];
  const scope = { after: (fn) => cleanups.unshift(fn) };

  try {
    return await work(scope);
  } finally {
    for (const cleanup of cleanups) await cleanup();
  }
}

// What is made of an event in W4, by everybody. The id says at the endpoint which event it was.
export const noteFunction = `
  async function onTrack(event, settings) {
    const answer = await fetch(settings.endpoint, {
      method: 'POST', headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ id: event.messageId, contact: event.userId, note: event.event, revenue: event.properties.revenue }),
    })
    if (!answer.ok) throw new RetryError('endpoint answered ' + answer.status)
  }`;

export async function startOurs(scope, { subscription, subscriptions, config = {}, files = {} }) {
  const syncs = countsSyncs(temporaryFolder(scope));
  const service = await Service.start(scope, {
    subscription: { concurrency: 256, ...subscription }, files, env: syncs.env,
    config: { log: { level: 'warn' }, limits: { queue: 10000000, disk: '20GiB' }, ...(subscriptions && { subscriptions }), ...config },
  });

  await service.createKey({ value: key });
  return { port: service.port, pid: service.child.pid, syncs: syncs.file, service };
}

// One that only accepts: what it has to deliver stays where it is.
export async function startPaused(scope, options) {
  const server = await startOurs(scope, options);

  await server.service.run(['endpoint', 'pause', '127.0.0.1']);
  return server;
}

export const startNoting = (scope, endpoint) => startOurs(scope,
  { subscription: { function: 'functions/note.js', settings: { endpoint } }, files: { 'functions/note.js': noteFunction } });

export async function delivered({ service }) {
  await until('everything is delivered', async () => {
    const { queued, running, retrying } = await service.counters();

    return queued + running + retrying === 0;
  }, { timeout: 300000, every: 20 });
}

// A program of this folder: node FILE PORT …
export async function startNode(scope, file, args = []) {
  const port = await freePort();
  const syncs = countsSyncs(temporaryFolder(scope));
  const child = spawn(process.execPath, [path.join(root, 'tests/bench', file), String(port), ...args],
    { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...syncs.env, NODE_ENV: 'production' } });
  const ended = new Promise((resolve) => { child.on('exit', () => resolve(true)); });

  scope.after(() => child.kill('SIGKILL'));
  await until(`${file} listens`, async () => {
    if (await Promise.race([ended, request(`http://127.0.0.1:${port}/`).then(() => false)])) throw new Error('it ended');
    return true;
  });
  return { port, pid: child.pid, syncs: syncs.file, kill: () => child.kill('SIGKILL') };
}

export async function startNginx(scope) {
  const port = await freePort();
  const folder = temporaryFolder(scope);

  writeFiles(folder, { 'nginx.conf': `
    daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
    events { worker_connections 4096; }
    http {
      access_log off; keepalive_requests 100000000; client_body_buffer_size 64k;
      client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f;
      uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
      server { listen 127.0.0.1:${port} backlog=4096; location / { default_type application/json; return 200 '{}'; } }
    }` });
  const child = spawn('nginx', ['-p', folder, '-c', path.join(folder, 'nginx.conf')],
    { stdio: 'ignore', env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } });

  scope.after(() => child.kill('SIGTERM'));
  await until('nginx listens', () => request(`http://127.0.0.1:${port}/`));
  return { port, pid: child.pid, url: `http://127.0.0.1:${port}/hook` };
}
