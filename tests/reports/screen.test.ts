import { expect, test } from '@playwright/test';
import type { RunEvent } from '../../helpers/verdict/events.ts';
import { judge } from '../../helpers/verdict/judge.ts';
import type { Verdict } from '../../helpers/verdict/verdict.ts';
import { githubAnnotations } from '../../reports/github-annotations.ts';
import { githubBlockMap, githubSummary } from '../../reports/github-summary.ts';
import { replayCommand } from '../../reports/replay.ts';
import { renderScreen } from '../../reports/screen.ts';
import { summaryLine } from '../../reports/summary-line-reporter.ts';
import { history, rebuilt, withEvent, without } from '../unit/verdict/histories.ts';

const escape = String.fromCharCode(27);
const brokenHistory = history({ longhornVersion: 'v1.8.0', lostImage: true, sizeMib: 500, reads: 10 });
const broken = judge(brokenHistory);
const sound = judge(history());

/** With names as long as a real cluster's, and more findings than fit. */
function crowded(): Verdict {
  const longName = { ...rebuilt, replica: 'pvc-3b1f7d52-6f5e-4f0e-9c0a-0d6a5a1c2e4f-r-8293a4b5' };
  let events = history({ longhornVersion: 'v1.8.0', lostImage: true, sizeMib: 500, rebuildOn: longName });
  for (let index = 0; index < 40; index += 1) {
    events = withEvent(events, {
      type: 'forbidden-observation',
      where: 'engine',
      text: `line ${index} ${'x'.repeat(200)}`,
    });
    events = withEvent(events, { type: 'trouble', what: 'watch', message: `reset ${index}` });
  }
  return judge(events);
}

for (const [name, verdicts] of Object.entries({
  'a sound run': [sound, sound],
  'a broken run': [broken, broken],
  'a run with more findings than fit': [crowded(), crowded()],
  'a run of nothing': [],
  'an empty log': [judge([])],
})) {
  test(`${name} fits on one screen of 24 lines and 100 columns`, () => {
    const lines = renderScreen(verdicts, { runDir: 'reports/out/r', colour: false }).split('\n');
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  });
}

test('the screen of #10340 says what, where, which blocks, which issue, and how to replay', () => {
  const screen = renderScreen([broken], { runDir: 'reports/out/r', colour: false });
  for (const words of [
    'INCONSISTENT',
    'EMBEDDED cluster, not a real one',
    `${rebuilt.replica} on disk node-3/block-disk-3`,
    'of image data read as zeros',
    'disagree',
    'lacks the backing image',
    'https://github.com/longhorn/longhorn/issues/10340',
    'npm run verify -- --seed seed-1 --longhorn 1.8.0 --image raw',
    'reports/out/r/html/index.html',
    'exit code 1',
  ]) {
    expect(screen).toContain(words);
  }
  expect(screen).toMatch(/\(zeros\): 1-2, 4-6/);
});

test('a real cluster is named by its context and never called embedded', () => {
  const events = history().map((event) =>
    event.type === 'run-started' ? { ...event, target: { kind: 'context', context: 'kind-longhorn' } as const } : event,
  );
  const screen = renderScreen([judge(events)], { colour: false });
  expect(screen).toContain('context kind-longhorn');
  expect(screen.toLowerCase()).not.toContain('embedded');
  expect(screen).toContain('--context kind-longhorn');
});

test('an inconclusive run says why on the screen', () => {
  const screen = renderScreen([judge(without(history(), ({ type }) => type === 'rebuild-proven'))], { colour: false });
  expect(screen).toContain('INCONCLUSIVE');
  expect(screen).toContain('? No rebuild was proven.');
});

test('colours are added only when asked for, and change nothing else', () => {
  const plain = renderScreen([broken], { colour: false });
  const coloured = renderScreen([broken], { colour: true });
  expect(plain).not.toContain(escape);
  expect(coloured).toContain(`${escape}[31m`);
  expect(coloured.replaceAll(new RegExp(`${escape}\\[\\d+m`, 'g'), '')).toBe(plain);
});

test('a replay names what shaped the embedded cluster', () => {
  const events = history().map((event): RunEvent => {
    if (event.type !== 'run-started') return event;
    return { ...event, target: { kind: 'embedded', flags: ['--topology', 'one-disk', '--fault', 'FM01'] } };
  });
  expect(replayCommand([judge(events)])).toContain(' --topology one-disk --fault FM01 ');
});

test('the job summary has the verdict, a table, the citation and the replay, and escapes what a log says', () => {
  const events = withEvent(history(), { type: 'forbidden-observation', where: 'engine', text: '<b>|x|\n# no heading' });
  const markdown = githubSummary([broken, judge(events)], 'reports/out/r');
  expect(markdown).toContain('❌ inconsistent');
  expect(markdown).toContain(
    '| raw | ❌ inconsistent | 6.8 GiB | before the rebuild 2/2, after the rebuild 0/10, in isolation 0/1, after reattaching on another node 0/1 |',
  );
  expect(markdown).toContain('[longhorn/longhorn#10340](https://github.com/longhorn/longhorn/issues/10340)');
  expect(markdown).toContain('npm run verify -- --seed seed-1');
  expect(markdown).toContain('\\<b\\>\\|x\\| \\# no heading');
});

test('the job summary draws the block map in characters, a letter where something else was found', () => {
  const markdown = githubBlockMap('raw', brokenHistory);
  expect(markdown).toContain('<details><summary>Block map after the rebuild, raw</summary>');
  const [first = ''] = /^ +0 MiB .*$/m.exec(markdown) ?? [];
  expect(first).toMatch(/^ {6}0 MiB [.#ZPOSXTGM]{64}$/);
  expect(first).toMatch(/[#ZPOSXTGM]/);
  expect(markdown).toContain('. right');
  expect(githubBlockMap('raw', [])).toBe('');
});

test('each finding and each cause annotates the job, in one line that the runner reads back as it was', () => {
  const causes = ['50% of\nthe premises', 'a: b'];
  const lines = githubAnnotations([broken, { ...broken, image: null, verdict: 'inconclusive', findings: [], causes }]);
  const errors = lines.filter((line) => line.startsWith('::error title=inconsistent%2C raw image::'));
  expect(errors).toHaveLength(broken.findings.length);
  expect(lines.at(-2)).toBe('::warning title=inconclusive::50%25 of%0Athe premises');
  expect(lines.at(-1)).toBe('::warning title=inconclusive::a: b');
});

test('the last line counts what passed, failed and was skipped; flaky is failed', () => {
  const outcomes = ['expected', 'expected', 'unexpected', 'flaky', 'skipped'] as const;
  const tests = outcomes.map((outcome) => ({ outcome: () => outcome }));
  expect(summaryLine(tests, 0)).toBe('2 passed, 2 failed, 1 skipped');
  expect(summaryLine([], 1)).toBe('0 passed, 1 failed, 0 skipped');
});
