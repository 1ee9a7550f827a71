// SPDX-License-Identifier: MIT
// fn new: templates that pass their tests, and nothing is ever written over.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { filesBelow, temporaryFolder, writeFiles } from './lib/place.mjs';
import { root, run } from './lib/program.mjs';

const promised = ['hello', 'slack', 'crm', 'batch', 'legacy-custom', 'legacy-subscription', 'source'];

test('every template makes a function that passes its tests', async (t) => {
  const cwd = temporaryFolder(t);
  const { data } = JSON.parse((await run(['fn', 'new', '--list', '--json'], { cwd })).stdout);

  for (const name of promised) assert.ok(data.some((one) => one.name === name), name);
  for (const { name, summary } of data) {
    assert.ok(summary.length > 5, `${name}: "${summary}"`);
    const made = await run(['fn', 'new', `my-${name}`, '--template', name], { cwd });

    assert.equal(made.code, 0, made.stderr);
    assert.match(made.stdout, new RegExp(`^functions/my-${name}/index\\.js$`, 'm'));
    assert.ok(made.stderr.includes(`partnerapp fn test my-${name}`));
    const tested = await run(['fn', 'test', `my-${name}`], { cwd });

    assert.equal(tested.code, 0, `${name}: ${tested.stdout}${tested.stderr}`);
    const checked = await run(['fn', 'check', `my-${name}`], { cwd });

    assert.equal(checked.code, 0, `${name}: ${checked.stderr}`);
  }
});

test('what is written is the example, byte for byte', async (t) => {
  const cwd = temporaryFolder(t);
  const example = path.join(root, 'examples/hello');

  await run(['fn', 'new', 'mine'], { cwd });
  for (const [file, bytes] of filesBelow(example))
    assert.deepEqual(fs.readFileSync(path.join(cwd, 'functions/mine', path.relative(example, file))), bytes, file);
});

test('a function that is there is left alone', async (t) => {
  const cwd = temporaryFolder(t);

  writeFiles(cwd, { 'functions/a/notes.txt': 'mine', 'functions/b.js': 'mine' });
  for (const name of ['a', 'b']) {
    const { code, stderr } = await run(['fn', 'new', name], { cwd });

    assert.equal(code, 6, stderr);
    assert.match(stderr, /PA2044/);
  }
  assert.deepEqual(filesBelow(cwd).map(([file]) => path.relative(cwd, file)).sort(), ['functions/a/notes.txt', 'functions/b.js']);
});

test('a bad name is refused with the reason', async (t) => {
  const cwd = temporaryFolder(t);

  for (const [name, why] of [['../x', /begins with neither/], ['a/b', /letters, digits/], ['.x', /begins with neither/], ['ä', /begins with neither/],
    ['', /it is empty/], ['a b', /letters, digits/], ['x'.repeat(65), /longer than 64/]]) {
    const { code, stderr } = await run(['fn', 'new', name], { cwd });

    assert.equal(code, 2, name);
    assert.match(stderr, why, name);
  }
  assert.deepEqual(fs.readdirSync(cwd), []);
});

test('an unknown template gets a suggestion and the list', async (t) => {
  const { code, stderr } = await run(['fn', 'new', 'x', '--template', 'slak'], { cwd: temporaryFolder(t) });

  assert.equal(code, 2);
  assert.match(stderr, /did you mean `slack`\?/);
  for (const name of promised) assert.ok(stderr.includes(name), name);
});
