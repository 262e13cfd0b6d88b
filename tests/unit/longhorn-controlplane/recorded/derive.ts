/**
 * Writes transitions.json from the full recording of a longhorn-manager 1.12.1 (every watch event of one run):
 * `npx tsx tests/unit/longhorn-controlplane/recorded/derive.ts transitions.jsonl`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { tracksByStep } from '../transitions.ts';
import type { Change } from '../transitions.ts';

/** The notes of the recording with which each step begins. */
const beginnings: readonly (readonly [step: string, note: RegExp])[] = [
  ['image', /^POST BackingImage/],
  ['create', /^POST Volume/],
  ['attach', /^PATCH VolumeAttachment/],
  ['rebuild', /^DELETE Replica/],
  ['second deletion and snapshot', /^second deletion/],
  ['detach', /^detach: remove ticket/],
  ['delete volume', /^DELETE Volume/],
  ['delete image', /^DELETE BackingImage/],
];

type Line = { readonly note: string } | ({ readonly note?: undefined } & Change);

const steps: { name: string; changes: Change[] }[] = [];
for (const text of readFileSync(process.argv[2] ?? 'transitions.jsonl', 'utf8').split('\n')) {
  if (text === '') continue;
  const line = JSON.parse(text) as Line;
  if (line.note === undefined) steps.at(-1)?.changes.push(line);
  else {
    const { note } = line;
    const step = beginnings.find(([, pattern]) => pattern.test(note) && !note.includes('answered'));
    if (step !== undefined) steps.push({ name: step[0], changes: [] });
  }
}
writeFileSync(new URL('./transitions.json', import.meta.url), `${JSON.stringify(tracksByStep(steps), null, 1)}\n`);
