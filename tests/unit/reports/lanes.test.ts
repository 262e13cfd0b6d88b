import { expect, test } from '@playwright/test';
import type { RunEvent, RunEventBody } from '../../../helpers/verdict/events.ts';
import { lanesOf, marksOf } from '../../../reports/drawings/lanes.ts';

const at = (tMs: number, body: RunEventBody): RunEvent => ({ ...body, tMs, at: '2026-01-01T00:00:00.000Z' });
const engine = (tMs: number, name: string, replicaModes: string): RunEvent =>
  at(tMs, { type: 'observed', kind: 'Engine', name, summary: { replicaModes } });
const deleted = (tMs: number, replica: string): RunEvent =>
  at(tMs, { type: 'replica-deleted', replica: { replica, nodeId: 'node1', diskUuid: 'disk1' } });
const finished = at(10_000, { type: 'run-finished' });

test('what one engine shows of its replicas does not end what another one showed of its own', () => {
  const events = [
    engine(1000, 'one-e', 'one-r-aaaaaaaa=RW one-r-bbbbbbbb=RW'),
    engine(2000, 'two-e', 'two-r-cccccccc=RW'),
    engine(5000, 'one-e', 'one-r-aaaaaaaa=RW'),
    finished,
  ];
  const shown = lanesOf(events).map(({ label, stretches }) => [
    label,
    stretches.map(({ fromMs, toMs }) => [fromMs, toMs]),
  ]);
  expect(shown).toEqual([
    ['r-aaaaaaaa', [[1000, 10_000]]],
    ['r-bbbbbbbb', [[1000, 5000]]],
    ['r-cccccccc', [[2000, 10_000]]],
  ]);
});

test('deletions at the same time are one mark, those apart and a single one have their own', () => {
  const events = [
    deleted(1000, 'one-r-aaaaaaaa'),
    deleted(1010, 'two-r-bbbbbbbb'),
    deleted(1020, 'three-r-cccccccc'),
    deleted(7000, 'one-r-dddddddd'),
  ];
  expect(marksOf([...events, finished])).toEqual([
    { tMs: 1000, label: '3 replicas deleted' },
    { tMs: 7000, label: 'r-dddddddd deleted' },
  ]);
});
