import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { connectNbd } from '../../../probe/nbd/client.ts';
import type { NbdDevice } from '../../../probe/nbd/client.ts';
import { parseNbdUri } from '../../../probe/nbd/uri.ts';
import { hasTool, socketDirectory, startServer, test } from './machine.ts';
import {
  chunk,
  dataPayload,
  errorPayload,
  exportBytes,
  holePayload,
  scriptedServer,
  simpleReply,
} from './nbd-servers.ts';
import type { ScriptedServer, SeenRequest } from './nbd-servers.ts';

type Answer = (request: SeenRequest) => Buffer;

const content = randomBytes(exportBytes);
const part = ({ offset, length }: SeenRequest): Buffer => content.subarray(Number(offset), Number(offset) + length);

async function withServer(
  script: Parameters<typeof scriptedServer>[0],
  use: (device: NbdDevice, server: ScriptedServer) => Promise<void>,
): Promise<void> {
  const server = await scriptedServer(script);
  try {
    const device = await connectNbd({ socketPath: server.socketPath, exportName: '' });
    await use(device, server);
    await device.close();
  } finally {
    server.close();
  }
}

function answering(answer: Answer): Parameters<typeof scriptedServer>[0] {
  return { onRequest: (request, socket) => void (request.type === 2 ? socket.end() : socket.write(answer(request))) };
}

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

for (const { what, answer, says } of [
  {
    what: 'an error chunk',
    answer: ({ cookie }: SeenRequest) =>
      chunk(cookie, { type: 0x8001, done: true, payload: errorPayload(5, 'disk on fire') }),
    says: /EIO: disk on fire/,
  },
  {
    what: 'an error chunk after data',
    answer: (request: SeenRequest) =>
      Buffer.concat([
        chunk(request.cookie, { type: 1, done: false, payload: dataPayload(request.offset, part(request)) }),
        chunk(request.cookie, {
          type: 0x8002,
          done: true,
          payload: Buffer.concat([errorPayload(5, ''), Buffer.alloc(8)]),
        }),
      ]),
    says: /EIO/,
  },
  {
    what: 'a short reply',
    answer: (request: SeenRequest) =>
      chunk(request.cookie, { type: 1, done: true, payload: dataPayload(request.offset, part(request).subarray(512)) }),
    says: /short reply: 3584 of 4096/,
  },
  {
    what: 'a reply with nothing',
    answer: ({ cookie }: SeenRequest) => chunk(cookie, { type: 0, done: true }),
    says: /short reply: 0 of 4096/,
  },
  {
    what: 'data for another place',
    answer: (request: SeenRequest) =>
      chunk(request.cookie, { type: 1, done: true, payload: dataPayload(request.offset + 512n, part(request)) }),
    says: /answers a request for 4096 bytes/,
  },
  {
    what: 'the same bytes twice',
    answer: (request: SeenRequest) =>
      Buffer.concat(
        [0, 1].map((done) =>
          chunk(request.cookie, {
            type: 1,
            done: done === 1,
            payload: dataPayload(request.offset, part(request).subarray(0, 2048)),
          }),
        ),
      ),
    says: /two chunks answer the same bytes/,
  },
  { what: 'an unknown cookie', answer: () => chunk(999n, { type: 0, done: true }), says: /never sent/ },
  {
    what: 'a simple reply to a read',
    answer: (request: SeenRequest) => simpleReply(request.cookie, 0, part(request)),
    says: /although structured replies/,
  },
  { what: 'no reply but noise', answer: () => Buffer.alloc(64, 1), says: /expected a reply/ },
  {
    what: 'an unknown chunk',
    answer: ({ cookie }: SeenRequest) => chunk(cookie, { type: 77, done: true }),
    says: /unknown chunk/,
  },
]) {
  test(`${what} fails the read, and nothing is taken for data`, async () => {
    await withServer(answering(answer), async (device) => {
      await assert.rejects(device.read(65536, Buffer.alloc(4096)), (error: Error) => {
        assert.match(error.message, says);
        assert.match(error.message, /reading 4096 bytes at 65536/);
        return true;
      });
    });
  });
}

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

test('qemu-nbd: what is written is read back, many requests at a time, and lands in the file', async ({ bench }) => {
  test.skip(!hasTool('qemu-nbd'), 'qemu-nbd is not installed');
  const directory = socketDirectory();
  const file = bench.makeDevice('expected');
  const socketPath = join(directory, 's');
  const stop = await startServer(
    ['qemu-nbd', '--persistent', '--format=raw', `--socket=${socketPath}`, file],
    socketPath,
  );
  const device = await connectNbd({ socketPath, exportName: '' });
  assert.equal(device.sizeBytes, bench.oracle.plan.volume.sizeBytes);
  const expected = readFileSync(file);
  const target = Buffer.alloc(device.sizeBytes);
  const size = 128 * 1024;
  await Promise.all(
    Array.from({ length: device.sizeBytes / size }, (_, index) =>
      device.read(index * size, target.subarray(index * size, (index + 1) * size)),
    ),
  );
  assert.ok(target.equals(expected));
  const written = randomBytes(512);
  await device.write(1_000_448, written);
  await device.flush();
  await device.close();
  await stop();
  assert.ok(readFileSync(file).subarray(1_000_448, 1_000_960).equals(written));
  rmSync(directory, { recursive: true });
});

test('nbdkit: a sparse export reads as zeros where nothing was written', async () => {
  test.skip(!hasTool('nbdkit'), 'nbdkit is not installed');
  const directory = socketDirectory();
  const socketPath = join(directory, 's');
  const stop = await startServer(['nbdkit', '--foreground', `--unix=${socketPath}`, 'memory', '8M'], socketPath);
  const device = await connectNbd({ socketPath, exportName: '' });
  await device.write(4096, Buffer.alloc(512, 7));
  const target = Buffer.alloc(8 * 1024 * 1024, 0xee);
  await device.read(0, target);
  const expected = Buffer.alloc(target.length);
  expected.fill(7, 4096, 4608);
  assert.ok(target.equals(expected));
  await device.close();
  await stop();
  rmSync(directory, { recursive: true });
});
