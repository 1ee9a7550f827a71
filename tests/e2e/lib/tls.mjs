// SPDX-License-Identifier: MIT
// A server whose certificate nobody has signed but itself: {url, seen, cert}, the last the
// path of what must be trusted to reach it.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import https from 'node:https';
import path from 'node:path';

import { temporaryFolder } from './place.mjs';

export async function selfSigned(t) {
  const folder = temporaryFolder(t);
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => path.join(folder, name));
  const seen = [];

  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, '-days', '2',
    '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'], { stdio: 'ignore' });
  const server = https.createServer({ key: fs.readFileSync(key), cert: fs.readFileSync(cert) }, (request, response) => {
    seen.push(request.url);
    response.end('{}');
  });

  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.closeAllConnections?.() ?? server.close());
  server.unref();
  return { url: `https://127.0.0.1:${server.address().port}/hook`, seen, cert };
}
