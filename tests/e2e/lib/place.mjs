// SPDX-License-Identifier: MIT
// Places of a test's own: folders that go away with it, ports that nobody uses.

import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

export function temporaryFolder(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'partnerapp-test-'));

  t?.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function writeFiles(folder, files) {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);

    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  }
}

const handedOut = new Set();
const portsOfALane = 5000;
const firstPort = 10000 + (Number(process.env.TEST_LANE ?? 0) % 4) * portsOfALane;

// Below the range from which the kernel takes ports for outgoing connections, so that
// nobody gets it between our looking and its use; nor does another lane of run.mjs.
export async function freePort() {
  for (;;) {
    const port = firstPort + Math.floor(Math.random() * portsOfALane);

    if (handedOut.has(port)) continue;
    handedOut.add(port);
    if (await isFree(port)) return port;
  }
}

function isFree(port) {
  return new Promise((resolve) => {
    const probe = net.createServer();

    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

// Everything that lies in a folder, as one list of [path, bytes].
export function filesBelow(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);

    if (entry.isDirectory()) return filesBelow(file);
    return entry.isFile() ? [[file, fs.readFileSync(file)]] : [];
  });
}
