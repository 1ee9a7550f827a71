// SPDX-License-Identifier: MIT
// A Lambda of a test's own: `partnerapp lambda serve` with a handler in JavaScript, as AWS's Node runtime would run it.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

import { temporaryFolder } from './place.mjs';
import { cleanEnvironment, program } from './program.mjs';
import { until } from './wait.mjs';

// The smallest runtime client: next, the handler, response or error, and so on.
const runtime = `import { handler } from './handler.mjs';

const api = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2018-06-01/runtime/invocation/';
const post = async (path, body) => (await fetch(api + path, { method: 'POST', body })).arrayBuffer();

for (;;) {
  const next = await fetch(api + 'next');
  const id = next.headers.get('Lambda-Runtime-Aws-Request-Id');
  const context = next.headers.get('Lambda-Runtime-Client-Context');

  try {
    const result = await handler(await next.json(), { clientContext: context ? JSON.parse(context) : undefined });

    await post(id + '/response', JSON.stringify(result ?? null));
  } catch (error) {
    await post(id + '/error', JSON.stringify({ errorType: error.name, errorMessage: error.message, trace: error.stack.split('\\n') }));
  }
}
`;

export class Lambda {
  #child;
  #exit = null;

  lines = []; // what it has told: {event: "invocation" …}

  // @handler: JavaScript of a module that exports handler(event, context); @flags of lambda serve. A handler may write
  // to lambda.calls, a file of one line a call.
  static async start(t, handler, flags = []) {
    const lambda = new Lambda();
    const folder = temporaryFolder(t);

    lambda.callsFile = path.join(folder, 'calls');
    fs.writeFileSync(lambda.callsFile, '');
    fs.writeFileSync(path.join(folder, 'runtime.mjs'), runtime);
    fs.writeFileSync(path.join(folder, 'handler.mjs'), `import fs from 'node:fs';
const called = (what) => fs.appendFileSync(${JSON.stringify(lambda.callsFile)}, JSON.stringify(what) + '\\n');
${handler}`);
    lambda.#child = spawn(program,
      ['lambda', 'serve', '--json', '--port', '0', '--command', `node ${path.join(folder, 'runtime.mjs')}`, ...flags],
      { env: cleanEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
    t.after(() => lambda.stop());
    await lambda.#listens();
    return lambda;
  }

  async #listens() {
    let text = '';

    this.log = '';
    this.#child.on('exit', (code, signal) => { this.#exit = { code, signal }; });
    this.#child.stderr.setEncoding('utf8').on('data', (part) => { this.log += part; });
    this.#child.stdout.setEncoding('utf8').on('data', (part) => {
      const lines = (text + part).split('\n');

      text = lines.pop();
      this.lines.push(...lines.map((line) => JSON.parse(line)));
    });
    await until('lambda serve listens', () => this.#exit || this.lines.length > 0, { timeout: 20000, every: 2 });
    if (this.#exit) throw new Error(`lambda serve ended with ${this.#exit.code ?? this.#exit.signal}: ${this.log}`);
    this.url = this.lines[0].url;
  }

  // What the handler has noted with called(…).
  get calls() {
    return fs.readFileSync(this.callsFile, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));
  }

  async stop() {
    if (!this.#exit) this.#child.kill('SIGTERM');
    await until('lambda serve ends', () => this.#exit, { timeout: 12000, every: 2 });
  }
}
