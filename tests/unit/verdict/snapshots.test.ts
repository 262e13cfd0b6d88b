/** What a verdict makes of the user's snapshots: each must have been judged on each replica that is left. */
import { expect, test } from '@playwright/test';
import type { ReplicaPlacement, RunEvent } from '../../../helpers/verdict/events.ts';
import { judge } from '../../../helpers/verdict/judge.ts';
import { drawEvidence } from '../../../reports/drawings/evidence.ts';
import { fingerprintOf, history, rebuilt, source, victim, withEvent, without } from './histories.ts';

type Pass = Extract<RunEvent, { type: 'pass' }>;

const contents = ['s1', 's2', 's3', 's4'];
const readers: readonly (readonly ReplicaPlacement[])[] = [[source, victim], [source], [rebuilt]];

/** A run with four snapshots, each read by all first replicas, by the source alone and by the rebuilt one alone. */
function snapshotHistory(): RunEvent[] {
  const template = history().find((event): event is Pass => event.type === 'pass');
  if (template === undefined) throw new Error('the history has no pass');
  let events = history().map((event): RunEvent => {
    if (event.type !== 'plan') return event;
    const count = contents.length * readers.length;
    const passes = { ...event.plan.passes, snapshot: Array.from({ length: count }, () => template.shape) };
    const snapshots = { line: contents.slice(0, 3), branchFrom: 's1', branch: 's4' };
    return { ...event, plan: { ...event.plan, snapshots, passes } };
  });
  const plan = events.find((event) => event.type === 'plan')?.plan;
  if (plan === undefined) throw new Error('the history has no plan');
  for (const [row, content] of contents.entries()) {
    const expected = fingerprintOf(plan, [0], content);
    events = withEvent(events, { type: 'content', recipe: { name: content, stages: ['pattern'] }, expected });
    events = withEvent(events, { type: 'snapshot-taken', content, snapshot: `${content}-run` });
    for (const [column, replicas] of readers.entries()) {
      events = withEvent(events, {
        ...template,
        phase: 'snapshot',
        index: row * readers.length + column,
        content,
        replicas: replicas.map(({ replica }) => replica),
        fingerprint: expected,
        wrongMibs: [],
      });
    }
  }
  return events;
}

/** The same run, in which one snapshot is wrong on some replicas, or was not read there. */
function changed(content: string, replicas: readonly ReplicaPlacement[], to: 'wrong' | 'not read'): RunEvent[] {
  const names = replicas.map(({ replica }) => replica).join();
  const isIt = (event: RunEvent): event is Pass =>
    event.type === 'pass' && event.content === content && event.replicas.join() === names;
  const events = snapshotHistory();
  if (to === 'not read') return without(events, isIt);
  const plan = events.find((event) => event.type === 'plan')?.plan;
  if (plan === undefined) throw new Error('the history has no plan');
  const fingerprint = fingerprintOf(plan, [0, 5], content);
  return events.map((event) => (isIt(event) ? { ...event, fingerprint, wrongMibs: [5] } : event));
}

test('a run that read every snapshot from every replica is consistent, and tells so for each', () => {
  const verdict = judge(snapshotHistory());
  expect([verdict.verdict, verdict.causes]).toEqual(['consistent', []]);
  expect(verdict.snapshots.map(({ snapshot, reader, passes, right }) => [snapshot, reader, passes, right])).toEqual(
    contents.flatMap((content) => ['together', 'source', 'rebuilt'].map((reader) => [content, reader, 1, 1])),
  );
  expect(verdict.snapshots[5]).toMatchObject({ object: 's2-run', replicas: [rebuilt.replica] });
});

test('a run without snapshots has none to show', () => {
  expect(judge(history()).snapshots).toEqual([]);
  expect(drawEvidence(history()).map(({ name }) => name)).not.toContain('snapshots');
});

for (const { replicas, words } of [
  { replicas: [source, victim], words: 'by all first replicas together' },
  { replicas: [source], words: 'from a source of the rebuild alone' },
  { replicas: [rebuilt], words: 'from the rebuilt replica alone' },
]) {
  test(`a snapshot that was never read ${words} makes a run inconclusive, and is named`, () => {
    const { verdict, causes } = judge(changed('s3', replicas, 'not read'));
    expect(verdict).toBe('inconclusive');
    expect(causes).toContain(`Snapshot s3 was never read ${words}.`);
  });
}

test('a snapshot that a bystander replica showed alone is read from nobody that counts', () => {
  const events = snapshotHistory().map((event): RunEvent =>
    event.type === 'pass' && event.content === 's2' && event.replicas.join() === rebuilt.replica
      ? { ...event, replicas: ['vol-r-ffffffff'] }
      : event,
  );
  expect(judge(events).causes).toEqual(['Snapshot s2 was never read from the rebuilt replica alone.']);
});

test('a finding names the snapshot and the replica that is wrong alone', () => {
  const { verdict, findings, snapshots } = judge(changed('s2', [rebuilt], 'wrong'));
  expect(verdict).toBe('inconsistent');
  expect(findings).toMatchObject([
    { kind: 'content', phase: 'snapshot', content: 's2', blamed: { replica: rebuilt.replica }, wrongMibs: [5] },
  ]);
  expect(findings[0]?.title).toMatch(
    `Snapshot s2 of rebuilt replica ${rebuilt.replica} on disk ${rebuilt.nodeId}/${rebuilt.diskName ?? ''}: `,
  );
  expect(snapshots.filter(({ passes, right }) => right < passes)).toMatchObject([
    { snapshot: 's2', reader: 'rebuilt' },
  ]);
});

test('what replicas show together is blamed on one that is wrong alone in the same snapshot; what it is in another says nothing', () => {
  const wrongTogether = changed('s1', [source, victim], 'wrong');
  const alone = (content: string): RunEvent[] => {
    const other = changed(content, [source], 'wrong').filter(
      (event) => event.type === 'pass' && event.content === content && event.replicas.join() === source.replica,
    );
    const [pass] = other;
    return wrongTogether.map((event) =>
      event.type === 'pass' &&
      event.content === content &&
      event.replicas.join() === source.replica &&
      pass !== undefined
        ? pass
        : event,
    );
  };
  const titleOf = (events: RunEvent[]): string =>
    judge(events).findings.find(({ title }) => title.startsWith('Snapshot s1 of 2 replicas'))?.title ?? '';
  expect(titleOf(alone('s1'))).toContain(`all of which replica ${source.replica} shows alone`);
  expect(titleOf(alone('s3'))).toContain(`on replica ${victim.replica} by elimination`);
});

test('the table of snapshots has a cell for each, and says in words what is wrong and what is missing', () => {
  const events = changed('s2', [rebuilt], 'wrong').filter(
    (event) => !(event.type === 'pass' && event.content === 's4' && event.replicas.length > 1),
  );
  const svg = drawEvidence(events).find(({ name }) => name === 'snapshots')?.svg ?? '';
  expect(svg.match(/class="reading right"/g)).toHaveLength(10);
  expect(svg.match(/class="reading wrong"/g)).toHaveLength(1);
  expect(svg.match(/class="reading not-read"/g)).toHaveLength(1);
  expect(svg).toContain('WRONG, 1 of 1');
  expect(svg).toContain('snapshot s2-run: ');
  expect(svg).toContain('never read');
});

test('a replica that was never alone is blamed when every other shows the snapshot right alone', () => {
  const { findings } = judge(changed('s1', [source, victim], 'wrong'));
  expect(findings).toMatchObject([{ kind: 'content', blamed: { replica: victim.replica } }]);
  expect(findings[0]?.title).toContain(`on replica ${victim.replica} by elimination`);
});
