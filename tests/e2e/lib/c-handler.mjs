// SPDX-License-Identifier: MIT
// Handlers in C: built against what `make install` installs, and run under a stand-in of the Runtime API.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';

import { temporaryFolder } from './place.mjs';
import { build, cleanEnvironment, endSignal, root } from './program.mjs';
import { RuntimeApi } from './runtime-api.mjs';

export const library = path.join(root, 'src/lambda/library');
export const example = path.join(root, 'examples/lambda-c');

function must(command, args, options) {
  const done = spawnSync(command, args, { encoding: 'utf8', ...options });

  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${done.error ?? done.stdout + done.stderr}`);
  return done.stdout;
}

let stage;

// The folder of the installed pkg-config file. Installed once for all tests of a file.
export function installed() {
  if (stage === undefined) {
    stage = temporaryFolder();
    process.on('exit', () => fs.rmSync(stage, { recursive: true, force: true }));
    // What is built is what is tested: nothing is built anew.
    must('make', ['-o', 'build', 'install', `DESTDIR=${stage}`, 'PREFIX=/opt/partner', `BUILD=${build}`], { cwd: root });
  }
  return path.join(stage, 'opt/partner/lib/pkgconfig');
}

export const uninstalled = path.join(build, 'src/lambda/library');

// A program of one text, or of one file; its path.
export function compile(t, source, { compiler = 'cc', flags = [], pkgConfig = installed() } = {}) {
  const folder = temporaryFolder(t);
  const file = source.includes('\n') ? path.join(folder, compiler.includes('++') ? 'handler.cpp' : 'handler.c') : source;

  if (source.includes('\n')) fs.writeFileSync(file, source);
  const all = must('pkg-config', ['--cflags', '--libs', 'partnerapp'], { env: cleanEnvironment({ PKG_CONFIG_PATH: pkgConfig }) });

  must(compiler, ['-Wall', '-Wextra', '-Werror', ...flags, '-o', 'handler', file, ...all.trim().split(/\s+/)], { cwd: folder });
  return path.join(folder, 'handler');
}

// The example, by its own Makefile.
export function makeExample(t) {
  const folder = temporaryFolder(t);

  fs.cpSync(example, folder, { recursive: true });
  fs.rmSync(path.join(folder, 'handler'), { force: true });
  must('make', ['CFLAGS=-Werror'], { cwd: folder, env: cleanEnvironment({ PKG_CONFIG_PATH: installed() }) });
  return path.join(folder, 'handler');
}

// A handler that runs, with the Runtime API that it asks.
export class Handler {
  #ended;

  static async start(t, command, env = {}) {
    const handler = new Handler();

    handler.api = await RuntimeApi.start(t);
    handler.log = path.join(temporaryFolder(t), 'log');
    const log = fs.openSync(handler.log, 'w'); // a file, so that nothing of it is on its way

    handler.child = spawn(command, [], {
      stdio: ['ignore', log, log],
      env: cleanEnvironment({ AWS_LAMBDA_RUNTIME_API: handler.api.address, PARTNERAPP_EGRESS_ALLOW: '127.0.0.1', ...env }),
    });
    fs.closeSync(log);
    handler.#ended = once(handler.child, 'close');
    handler.child.on('close', (code, signal) => handler.api.lose(`the handler ended with ${code ?? signal}`));
    t.after(() => handler.child.kill(endSignal));
    return handler;
  }

  // {result} as text, {error, type}, or {isTimedOut}.
  async invoke(payload, { context, ...more } = {}) {
    const { ok, result, type, error, isTimedOut } = await this.api.invoke(payload, { ...context && { context: JSON.stringify(context) }, ...more });

    if (isTimedOut) return { isTimedOut };
    return ok ? { result: result.toString() } : { error, type };
  }

  logged() {
    return fs.readFileSync(this.log, 'utf8');
  }

  // The limit is for the test that failed.
  async ended() {
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 20000);
    const [code, signal] = await this.#ended;

    clearTimeout(timer);
    return { code, signal, log: this.logged() };
  }

  get rssKb() {
    return Number(/VmRSS:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${this.child.pid}/status`, 'utf8'))[1]);
  }
}
