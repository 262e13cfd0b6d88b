import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readEvents } from '../helpers/eventlog/reader.ts';
import { judge } from '../helpers/verdict/judge.ts';
import type { Verdict } from '../helpers/verdict/verdict.ts';
import { drawEvidence } from './drawings/evidence.ts';
import type { RunLog } from './run-logs.ts';

/**
 * Judges one event log and writes what follows from it beside it: `verdict.json` and the drawings as `.svg`. Rejects
 * when the log has a line in its middle that is no event, or when the folder cannot be written.
 */
export async function writeEvidence({ dir, path }: RunLog): Promise<Verdict> {
  const events = await readEvents(path);
  const verdict = judge(events);
  await writeFile(join(dir, 'verdict.json'), `${JSON.stringify(verdict, null, 2)}\n`);
  await Promise.all(drawEvidence(events).map(({ name, svg }) => writeFile(join(dir, `${name}.svg`), svg)));
  return verdict;
}
