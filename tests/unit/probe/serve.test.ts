import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from '@playwright/test';
import { serveImage } from '../../../probe/serve.ts';
import { oracleOf } from './machine.ts';

const oracle = oracleOf(20);
const { sizeBytes } = oracle.plan.image;
let server: Server;
let base: string;
const log: string[] = [];

test.beforeAll(async () => {
  server = await serveImage({ plan: oracle.plan, host: '127.0.0.1', port: 0, log: (line) => log.push(line) });
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

test.afterAll(() => {
  server.close();
  server.closeAllConnections();
});

test('the raw image is served whole, with its length and the checksum that the oracle gives', async () => {
  const response = await fetch(`${base}/image.raw`);
  assert.equal(response.headers.get('content-length'), String(sizeBytes));
  const body = Buffer.from(await response.arrayBuffer());
  assert.equal(createHash('sha512').update(body).digest('hex'), oracle.imageSha512());
  assert.match(log.join('\n'), /GET \/image\.raw: 200/);
});

test('HEAD tells the length without the content', async () => {
  const response = await fetch(`${base}/image.raw`, { method: 'HEAD' });
  assert.equal(response.headers.get('content-length'), String(sizeBytes));
  assert.equal((await response.arrayBuffer()).byteLength, 0);
});

for (const { range, from, to } of [
  { range: 'bytes=1000-1999', from: 1000, to: 2000 },
  { range: 'bytes=1000-', from: 1000, to: sizeBytes },
  { range: 'bytes=-700', from: sizeBytes - 700, to: sizeBytes },
  { range: `bytes=5-${sizeBytes * 2}`, from: 5, to: sizeBytes },
]) {
  test(`a range request for ${range} gets exactly that part`, async () => {
    const response = await fetch(`${base}/image.raw`, { headers: { range } });
    assert.equal(response.status, 206);
    assert.equal(response.headers.get('content-range'), `bytes ${from}-${to - 1}/${sizeBytes}`);
    const image = Buffer.alloc(sizeBytes);
    oracle.imageInto(0, image);
    assert.ok(Buffer.from(await response.arrayBuffer()).equals(image.subarray(from, to)));
  });
}

test('a range behind the end, an unknown path and another method are refused', async () => {
  assert.equal((await fetch(`${base}/image.raw`, { headers: { range: `bytes=${sizeBytes}-` } })).status, 416);
  assert.equal((await fetch(`${base}/other`)).status, 404);
  assert.equal((await fetch(`${base}/image.raw`, { method: 'DELETE' })).status, 405);
  assert.equal((await fetch(`${base}/ready`)).status, 200);
});
