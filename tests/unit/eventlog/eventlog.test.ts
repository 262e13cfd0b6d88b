import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { MalformedEventLog, readEvents } from '../../../helpers/eventlog/reader.ts';
import { recordTransitions } from '../../../helpers/eventlog/transitions.ts';
import { appendToEndedLog, openEventLog } from '../../../helpers/eventlog/writer.ts';
import { isNewer } from '../../../helpers/kubernetes/resource-version.ts';
import type { RunEventBody } from '../../../helpers/verdict/events.ts';

test('what was appended is in the file before the log is closed, in order and with growing times', async ({}, testInfo) => {
  const log = openEventLog(testInfo.outputPath('new/folder/events.jsonl'));
  log.append({ type: 'replica-deleted', replica: { replica: 'r', nodeId: 'n', diskUuid: 'd' } });
  log.append({ type: 'run-finished' });
  const events = await readEvents(log.path);
  expect(events.map(({ type }) => type)).toEqual(['replica-deleted', 'run-finished']);
  expect(events[1]?.tMs).toBeGreaterThanOrEqual(events[0]?.tMs ?? 0);
  log.close();
  log.append({ type: 'run-finished' });
  expect(readFileSync(log.path, 'utf8').trim().split('\n')).toHaveLength(2);
});

test('a last line that was torn while it was written is left out', async ({}, testInfo) => {
  const log = openEventLog(testInfo.outputPath('events.jsonl'));
  log.append({ type: 'run-finished' });
  appendFileSync(log.path, '{"type":"pass","tMs":12,"at":"20');
  expect(await readEvents(log.path)).toHaveLength(1);
  log.close();
});

test('any other line that is no event is an error that names its place', async ({}, testInfo) => {
  const path = testInfo.outputPath('events.jsonl');
  writeFileSync(path, '{"type":"run-finished","tMs":1,"at":"x"}\nnonsense\n');
  await expect(readEvents(path)).rejects.toThrow(MalformedEventLog);
  await expect(readEvents(path)).rejects.toThrow(/events\.jsonl:2 is no event/);
});

test('a log that was never begun holds no events', async ({}, testInfo) => {
  expect(await readEvents(testInfo.outputPath('absent.jsonl'))).toEqual([]);
});

test('changes of an object are recorded once and in order, whichever watch reports them', () => {
  const recorded: RunEventBody[] = [];
  const record = recordTransitions((event) => recorded.push(event), isNewer);
  const volume = { kind: 'Volume', name: 'v', uid: 'u' };
  const change = (resourceVersion: string, robustness: string): void => {
    record({ ...volume, resourceVersion, summary: { robustness } });
  };
  change('9', 'healthy');
  change('10', 'degraded');
  // A slower watch catches up, and a field that is not summarised changes.
  change('9', 'healthy');
  change('10', 'degraded');
  change('11', 'degraded');
  change('12', 'healthy');
  record({ kind: 'Pod', name: 'p', uid: 'p', resourceVersion: '13', summary: { phase: 'Running' } });
  expect(recorded.map((event) => ('summary' in event ? event.summary['robustness'] : event.type))).toEqual([
    'healthy',
    'degraded',
    'healthy',
  ]);
});

test('what ended a run is added to its log afterwards, in place of a torn line', async ({}, testInfo) => {
  const log = openEventLog(testInfo.outputPath('events.jsonl'));
  log.append({ type: 'written', writes: 1, bytes: 512, flushed: true });
  log.close();
  appendFileSync(log.path, '{"type":"pass","tMs":12,"at":"20');
  await appendToEndedLog(log.path, { type: 'trouble', what: 'the cluster is gone', message: 'by SIGKILL' });
  const events = await readEvents(log.path);
  expect(events.map(({ type }) => type)).toEqual(['written', 'trouble']);
  expect(events[1]?.tMs).toBeGreaterThanOrEqual(events[0]?.tMs ?? 0);
});
