import { expect, test } from '@playwright/test';
import { startApiServer } from '../../../embedded/apiserver/server.ts';
import { needsLonghorn } from '../apiserver/left-out.ts';
import { comparable, readRecording, replay } from '../apiserver/replay.ts';
import type { Replayed } from '../apiserver/replay.ts';
import { describeDifference, fieldDifferences } from './field-differences.ts';
import type { FieldDifference } from './field-differences.ts';
import { leftOut } from './left-out.ts';
import { startBench } from './longhorn-bench.ts';

const recording = readRecording(new URL('../apiserver/recorded/exchanges.jsonl', import.meta.url));
const ours = new Set(needsLonghorn.map(({ name }) => name));
const noPods = {
  exec: () => Promise.resolve({ kind: 'failed' as const, message: 'nothing runs here' }),
  logs: () => Promise.resolve(),
};

let differences: (FieldDifference & { exchange: string })[] = [];
let made: string[] = [];

function differencesOf({ exchange, answer }: Replayed): typeof differences {
  const { status, contentType } = exchange.response;
  const expected = { status, contentType, body: comparable(exchange.response.body) as unknown };
  const seen = { status: answer.status, contentType: answer.contentType, body: comparable(answer.body) as unknown };
  return fieldDifferences(expected, seen).map((one) => ({ ...one, exchange: exchange.name }));
}

test.beforeAll(async () => {
  const bench = await startBench({
    version: '1.12.1',
    v2Enabled: false,
    hugepages: '1536Mi',
    filesystemDisk: 'default-disk-9227ee1544692c65',
  });
  const server = await startApiServer({ store: bench.store, backend: () => noPods });
  try {
    const skip = new Set(recording.map(({ name }) => name).filter((name) => !ours.has(name)));
    const replayed = await replay({ store: bench.store, server, close: () => server.close() }, recording, {
      skip,
      meanwhile: {},
    });
    made = replayed.map(({ exchange }) => exchange.name);
    differences = replayed.flatMap(differencesOf);
  } finally {
    await server.close();
    await bench.close();
  }
});

test('every recorded exchange of a real API server that needs Longhorn is answered alike', () => {
  expect([...made].sort()).toEqual([...ours].sort());
  const unexplained = differences.filter(
    ({ exchange, path }) => !leftOut.some((entry) => entry.exchange === exchange && entry.path.test(path)),
  );
  expect(unexplained.map((one) => `${one.exchange}: ${describeDifference(one)}`).join('\n')).toBe('');
});

for (const { exchange, what, path, reason } of leftOut) {
  test(
    `the recorded answer '${exchange}' differs in ${what}`,
    { annotation: { type: 'differs', description: reason } },
    () => {
      expect(differences.filter((one) => one.exchange === exchange && path.test(one.path))).not.toEqual([]);
    },
  );
}
