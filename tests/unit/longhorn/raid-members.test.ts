import { expect, test } from '@playwright/test';
import { memberProblems, parseRaidMembers } from '../../../helpers/longhorn/raid-members.ts';
import { recordedText } from './recorded.ts';

const engine = 'vol-e';
const placements = ['vol-r-b', 'vol-r-c'].map((replica) => ({ replica, nodeId: 'n', diskUuid: `disk of ${replica}` }));
const both = { 'vol-r-b': 'RW', 'vol-r-c': 'RW' };
const problems = (bdevs: readonly string[], modes: Readonly<Record<string, string>> = both) =>
  memberProblems({ kind: 'read', engine, bdevs }, modes, placements);

test('the raid of the real 1.8.1 after a rebuild has its two replicas', () => {
  const answer = recordedText('bdevs-1.8.1-rebuilt.json');
  const [raid] = (JSON.parse(answer) as { name: string; product_name: string }[]).filter(
    ({ product_name: product }) => product === 'Raid Volume',
  );
  const bdevs = parseRaidMembers(answer, raid?.name ?? '');
  expect(bdevs).toEqual(['vol-r-bn1', 'vol-r-cn1']);
  expect(problems(bdevs ?? [])).toEqual([]);
  expect(parseRaidMembers(answer, 'another')).toBeUndefined();
});

test('a base bdev that is gone leaves an unconfigured slot, which is no member', () => {
  const list = [
    { name: null, is_configured: false },
    { name: 'vol-r-cn1', is_configured: true },
  ];
  const answer = JSON.stringify([{ name: engine, driver_specific: { raid: { base_bdevs_list: list } } }]);
  expect(parseRaidMembers(answer, engine)).toEqual(['vol-r-cn1']);
});

test('a replica that the engine counts as serving and the raid does not have is told, whatever its mode', () => {
  for (const mode of ['RW', 'WO']) {
    expect(problems(['vol-r-cn1'], { ...both, 'vol-r-b': mode })).toMatchObject([
      { problem: 'raid-members-differ', replica: 'vol-r-b', diskUuid: 'disk of vol-r-b' },
    ]);
  }
  expect(problems(['vol-r-cn1'], { ...both, 'vol-r-b': 'ERR' })).toEqual([]);
});

test('a replica that stands in two slots is told, and so is the one whose slot it took', () => {
  const found = problems(['vol-r-bn1', 'vol-r-bn1']);
  expect(found.map(({ replica }) => replica)).toEqual(['vol-r-b', 'vol-r-c']);
  expect(found[0]?.detail).toContain('2 times');
});

test('a member that is no replica that serves is told, of nobody', () => {
  expect(problems(['vol-r-bn1', 'vol-r-cn1', 'vol-r-an1'])).toMatchObject([{ replica: '' }]);
  expect(problems(['vol-r-bn1', 'vol-r-cn1'], { ...both, 'vol-r-c': 'ERR' })).toMatchObject([{ replica: '' }]);
});
