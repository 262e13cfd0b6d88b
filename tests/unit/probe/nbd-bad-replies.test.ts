import assert from 'node:assert/strict';
import { test } from './machine.ts';
import { chunk, dataPayload, errorPayload, simpleReply } from './nbd-servers.ts';
import type { SeenRequest } from './nbd-servers.ts';
import { answering, part, withServer } from './scripted-device.ts';

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
