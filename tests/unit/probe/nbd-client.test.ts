import assert from 'node:assert/strict';
import { connectNbd } from '../../../probe/nbd/client.ts';
import { parseNbdUri } from '../../../probe/nbd/uri.ts';
import { test } from './machine.ts';
import { chunk, dataPayload, holePayload, scriptedServer, simpleReply } from './nbd-servers.ts';
import type { SeenRequest } from './nbd-servers.ts';
import { answering, content, part, withServer, type Answer } from './scripted-device.ts';

test('an address is taken apart, and what is not supported is refused', () => {
  assert.deepEqual(parseNbdUri('nbd+unix:///?socket=/run/a.sock'), { socketPath: '/run/a.sock', exportName: '' });
  assert.deepEqual(parseNbdUri('nbd+unix:///vol%201?socket=/a'), { socketPath: '/a', exportName: 'vol 1' });
  for (const uri of [
    'nbd://host/export',
    'nbd+unix:///export',
    'nbds+unix:///?socket=/a',
    'nbd+unix://host/?socket=/a',
  ]) {
    assert.throws(() => parseNbdUri(uri), /expected nbd\+unix/, uri);
  }
});

test('a reply in chunks of data and holes, out of order and interleaved with another, fills both targets', async () => {
  const waiting: SeenRequest[] = [];
  await withServer(
    {
      onRequest: (request, socket) => {
        waiting.push(request);
        const [a, b] = waiting;
        if (!a || !b || request.type !== 0) return;
        const half = a.length / 2;
        socket.write(chunk(b.cookie, { type: 2, done: false, payload: holePayload(b.offset, 4096) }));
        const second = part(a).subarray(half);
        socket.write(chunk(a.cookie, { type: 1, done: false, payload: dataPayload(a.offset + BigInt(half), second) }));
        socket.write(
          chunk(b.cookie, { type: 1, done: true, payload: dataPayload(b.offset + 4096n, part(b).subarray(4096)) }),
        );
        socket.write(
          chunk(a.cookie, { type: 1, done: false, payload: dataPayload(a.offset, part(a).subarray(0, half)) }),
        );
        socket.write(chunk(a.cookie, { type: 0, done: true }));
      },
    },
    async (device) => {
      const first = Buffer.alloc(65536, 0xee);
      const second = Buffer.alloc(8192, 0xee);
      await Promise.all([device.read(0, first), device.read(131072, second)]);
      assert.ok(first.equals(content.subarray(0, 65536)));
      assert.ok(second.equals(Buffer.concat([Buffer.alloc(4096), content.subarray(131072 + 4096, 131072 + 8192)])));
    },
  );
});

test('a server without structured replies is read with simple ones', async () => {
  await withServer(
    { ...answering((request) => simpleReply(request.cookie, 0, part(request))), structured: false },
    async (device) => {
      const target = Buffer.alloc(4096);
      await device.read(8192, target);
      assert.ok(target.equals(content.subarray(8192, 12288)));
      assert.equal(device.agreed.structuredReplies, false);
    },
  );
});

test('a reply that arrives byte by byte is the same reply', async () => {
  await withServer(
    {
      onRequest: (request, socket) => {
        const reply = chunk(request.cookie, {
          type: 1,
          done: true,
          payload: dataPayload(request.offset, part(request)),
        });
        for (const byte of reply) socket.write(Buffer.from([byte]));
      },
    },
    async (device) => {
      const target = Buffer.alloc(512);
      await device.read(512, target);
      assert.ok(target.equals(content.subarray(512, 1024)));
    },
  );
});

test('a connection that breaks fails every request on its way', async () => {
  await withServer(
    { onRequest: (request, socket) => void (request.offset === 4096n && socket.destroy()) },
    async (device) => {
      const outcomes = await Promise.allSettled([
        device.read(0, Buffer.alloc(512)),
        device.read(4096, Buffer.alloc(512)),
      ]);
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        ['rejected', 'rejected'],
      );
      await assert.rejects(device.read(0, Buffer.alloc(512)), /closed the connection/);
    },
  );
});

test('writes ask for FUA where the server has it, and a flush without flush support is a failure', async () => {
  const done: Answer = (request) => chunk(request.cookie, { type: 0, done: true });
  await withServer(answering(done), async (device, server) => {
    await device.write(512, Buffer.alloc(512, 1));
    await device.flush();
    assert.deepEqual(
      server.seen.map(({ type, flags }) => ({ type, flags })),
      [
        { type: 1, flags: 1 },
        { type: 3, flags: 0 },
      ],
    );
  });
  await withServer({ ...answering(done), flags: 1 }, async (device, server) => {
    await device.write(512, Buffer.alloc(512, 1));
    assert.equal(server.seen[0]?.flags, 0);
    await assert.rejects(device.flush(), /no flush/);
  });
});

test('discards and zeroing are requests without a payload, sent only where the server takes them', async () => {
  const done: Answer = (request) => chunk(request.cookie, { type: 0, done: true });
  await withServer({ ...answering(done), flags: 1 | 32 | 64 }, async (device, server) => {
    await device.discard(1024, 4096);
    await device.writeZeroes(8192, 512);
    const shown = server.seen.map(({ type, flags, offset, length }) => [type, flags, Number(offset), length]);
    assert.deepEqual(shown, [
      [4, 0, 1024, 4096],
      [6, 0, 8192, 512],
    ]);
  });
  await withServer({ ...answering(done), flags: 1 }, async (device) => {
    await assert.rejects(device.discard(0, 512), { state: 'unsupported' });
    await assert.rejects(device.writeZeroes(0, 512), { state: 'unsupported' });
  });
});

test('a refused export and a socket that nobody serves say so', async () => {
  const server = await scriptedServer({ refuseExport: 'no such volume' });
  await assert.rejects(
    connectNbd({ socketPath: server.socketPath, exportName: 'v' }),
    /refuses the export "v".*no such volume/,
  );
  server.close();
  await assert.rejects(connectNbd({ socketPath: '/nowhere/nbd.sock', exportName: '' }), /cannot open the NBD export/);
});
