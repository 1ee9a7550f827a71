// SPDX-License-Identifier: MIT
// What the order of the end-to-end files depends on (run.mjs). A file that nobody names here
// shares the machine and takes a few seconds.

// They measure what a busy machine changes: limits kept to a quarter of a second, memory that
// comes back, how soon something is there.
export const alone = ['sandbox-attacks.test.mjs', 'function.test.mjs', 'dev.test.mjs'];

// About how long the long ones take; only their order matters.
export const seconds = {
  'enable-browser.test.mjs': 80,
  'console.test.mjs': 75,
  'delivery.test.mjs': 50,
  'enable.test.mjs': 45,
  'enable-refresh.test.mjs': 36,
  'sandbox.test.mjs': 45,
  'compat.test.mjs': 30,
  'fn-check.test.mjs': 29,
  'lambda-package.test.mjs': 28,
  'keeping.test.mjs': 27,
  'batch.test.mjs': 22,
  'lambda-run.test.mjs': 22,
  'hostile-http.test.mjs': 19,
  'lifecycle.test.mjs': 19,
  'emulator-function.test.mjs': 18,
  'hostile-enable.test.mjs': 17,
  'console-api.test.mjs': 16,
  'lambda-c.test.mjs': 16,
  'lambda-identical.test.mjs': 15,
  'durability.test.mjs': 15,
  'lambda-ric.test.mjs': 14,
  'people.test.mjs': 13,
  'emulator-delivery.test.mjs': 12,
  'globals.test.mjs': 12,
  'examples.test.mjs': 12,
  'segment-cli.test.mjs': 12,
  'source.test.mjs': 11,
  'isolation.test.mjs': 11,
  'fn-test.test.mjs': 10,
  'generations.test.mjs': 10,
  'hostile-emulator.test.mjs': 10,
};
