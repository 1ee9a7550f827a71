// SPDX-License-Identifier: MIT
// A small runtime client, as a lambda's process has it. The payload says what to do:
//   {"sleep":ms} {"print":"line"} {"times":n} {"fail":{…}} {"exit":status} {"kill":"SIGKILL"}
// and it answers {"payload":…,"pid":…,"served":n}.

import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
let served = 0;

function ask(method, path, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(`http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime${path}`, { method, agent }, (response) => {
      const parts = [];

      response.on('data', (part) => parts.push(part));
      response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(parts).toString() }));
    });

    request.on('error', reject);
    request.end(body);
  });
}

async function handle(payload) {
  for (let i = 0; i < (payload.times ?? 1) && payload.print; i++) console.log(payload.print);
  if (payload.sleep) await pause(payload.sleep);
  if (payload.exit !== undefined) process.exit(payload.exit);
  if (payload.kill) {
    process.kill(process.pid, payload.kill);
    await pause(60000);
  }
}

for (;;) {
  const next = await ask('GET', '/invocation/next');
  const id = next.headers['lambda-runtime-aws-request-id'];
  const payload = JSON.parse(next.body);

  await handle(payload);
  if (payload.fail) await ask('POST', `/invocation/${id}/error`, JSON.stringify(payload.fail));
  else await ask('POST', `/invocation/${id}/response`, JSON.stringify({ payload, pid: process.pid, served: ++served }));
}
