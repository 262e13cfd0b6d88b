import assert from 'node:assert/strict';
import { test } from '@playwright/test';
import type { PlannedWrite } from '../../../helpers/oracle/plan.ts';
import { ProbeError } from '../../../probe/exit-codes.ts';
import { runWrites } from '../../../probe/write.ts';
import { oracleOf } from './machine.ts';
import { recordingDevice, type AskedRequest } from './recording-device.ts';

const { plan } = oracleOf(20);
const { sizeBytes } = plan.volume;

async function writtenOn(): Promise<readonly AskedRequest[]> {
  const { device, asked } = recordingDevice({ sizeBytes, logicalBlockBytes: 512 });
  await runWrites({ device, plan, writes: plan.writes, onProgress: () => undefined });
  return asked;
}

const place = ({ offsetBytes, lengthBytes }: Pick<PlannedWrite, 'offsetBytes' | 'lengthBytes'>): string =>
  `${offsetBytes} ${lengthBytes}`;

test('each planned write is one request of just its own bytes, and nothing is read for it', async () => {
  const asked = (await writtenOn()).filter(({ kind }) => kind !== 'flush');
  assert.deepEqual(new Set(asked.map(({ kind }) => kind)), new Set(['write']));
  assert.deepEqual(asked.map(place).sort(), plan.writes.map(place).sort());
  assert.ok(asked.some(({ lengthBytes }) => lengthBytes === 512));
});

test('no write of a generation begins before all of the earlier one are acknowledged and flushed', async () => {
  const asked = await writtenOn();
  const firstCount = plan.writes.filter(({ generation }) => generation === 1).length;
  const second = new Set(plan.writes.filter(({ generation }) => generation === 2).map(place));
  const later = asked.filter((request) => request.kind === 'write' && second.has(place(request)));
  assert.equal(later.length, second.size);
  for (const { answered } of later) assert.ok(answered > firstCount);
  const [flush] = asked.filter(({ kind }) => kind === 'flush');
  assert.equal(flush?.answered, firstCount);
});

test('the last request is a flush, asked for when every write was acknowledged', async () => {
  const asked = await writtenOn();
  assert.equal(asked.at(-1)?.kind, 'flush');
  assert.equal(asked.at(-1)?.answered, asked.length - 1);
});

test('a device with blocks of 4096 bytes is told apart before anything is written to it', async () => {
  const { device, asked } = recordingDevice({ sizeBytes, logicalBlockBytes: 4096 });
  await assert.rejects(runWrites({ device, plan, writes: plan.writes, onProgress: () => undefined }), (error) => {
    assert.ok(error instanceof ProbeError && error.state === 'write');
    assert.match(error.message, /blocks of 4096 bytes, the plan writes \d+ bytes at \d+/);
    return true;
  });
  assert.deepEqual(asked, []);
});
