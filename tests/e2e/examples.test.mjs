// SPDX-License-Identifier: MIT
// The folders of examples/: whoever begins with one of them begins with something that works.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { root, run } from './lib/program.mjs';

const examples = path.join(root, 'examples');
const names = fs.readdirSync(examples, { withFileTypes: true })
  .filter((entry) => entry.isDirectory()).map(({ name }) => name)
  .filter((name) => name !== 'lambda-c'); // in C: lambda-c.test.mjs

const here = (name) => path.join(examples, name);
const read = (...parts) => fs.readFileSync(path.join(examples, ...parts), 'utf8');
const jsonIn = (name, folder) => fs.readdirSync(path.join(here(name), folder)).filter((file) => file.endsWith('.json'));

for (const name of names) {
  test(`example ${name}: the line in its README that tries it passes, without a network`, async () => {
    const [, line] = /^## Try it\n\n.*\n\n {4}partnerapp (.+)$/m.exec(read(name, 'README.md')) ?? [];

    assert.equal(line, 'fn test index.js', 'README.md has the line under "Try it"');
    const { code, stdout, stderr } = await run(line.split(' '), { cwd: here(name) });

    assert.equal(code, 0, stdout + stderr);
    for (const file of jsonIn(name, 'tests')) {
      const its = JSON.parse(read(name, 'tests', file)).name;

      assert.ok((stdout + stderr).includes(its), `"${its}" was run:\n${stdout}${stderr}`);
    }
  });

  test(`example ${name}: fn check finds nothing, so no global is used that is not there`, async () => {
    const { code, stdout, stderr } = await run(['fn', 'check', 'index.js', '--json'], { cwd: here(name) });

    assert.equal(code, 0, stdout + stderr);
    const { ok, problems, handlers } = JSON.parse(stdout);

    assert.deepEqual({ ok, problems }, { ok: true, problems: [] });
    assert.ok(handlers.length > 0, 'it has a handler');
  });

  test(`example ${name}: every fixture is delivered`, async () => {
    const fixtures = jsonIn(name, 'fixtures');

    assert.ok(fixtures.length > 0, 'it has fixtures');
    for (const file of fixtures) {
      const { code, stdout, stderr } = await run(['fn', 'run', 'index.js', ...given(name, file), '--json'], { cwd: here(name) });

      assert.equal(code, 0, `${file}: ${stdout}${stderr}`);
      assert.equal(JSON.parse(stdout).outcome, 'delivered', `${file}: ${stdout}`);
    }
  });

  test(`example ${name}: its folder can be copied anywhere`, () => {
    assert.match(read('README.md'), new RegExp(`\\]\\(${name}/\\)`), 'the gallery lists it');
    for (const file of fs.readdirSync(here(name), { recursive: true }))
      if (/\.(js|md|json)$/.test(file)) assert.doesNotMatch(read(name, file), /\bexamples\/|\.\.\//, file);
    const size = fs.statSync(path.join(here(name), 'index.js')).size;

    assert.ok(size < 6000, `index.js is short: ${size} bytes`);
  });
}

// Fixtures of source functions are requests; their settings are those of the first test.
function given(name, file) {
  const fixture = path.join('fixtures', file);

  if (JSON.parse(read(name, fixture)).headers === undefined) return ['--event', fixture];
  const { settings } = JSON.parse(read(name, 'tests', jsonIn(name, 'tests')[0]));

  return ['--request', fixture, '--settings', JSON.stringify(settings)];
}
