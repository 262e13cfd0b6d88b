/** Every trap, in the order of the ids, and how a person reads them. */
import { answerTraps } from './answers.ts';
import { hostTraps } from './hosts.ts';
import { readingTraps } from './reading.ts';
import { runTraps } from './runs.ts';
import { sizeTraps } from './sizes.ts';
import type { Trap } from './trap.ts';
import { truthTraps } from './truth.ts';
import { writeTraps } from './writes.ts';

export const traps: readonly Trap[] = [
  ...readingTraps,
  ...answerTraps,
  ...hostTraps,
  ...truthTraps,
  ...sizeTraps,
  ...writeTraps,
  ...runTraps,
].sort((a, b) => a.id.localeCompare(b.id));

/** What `--traps` shows: per trap what happens, what is done about it and where, and the tests that would miss it. */
export function trapsText(): string {
  return traps
    .map(({ id, trap, kind, defence, doneBy, shownBy }) => {
      const files = [...new Set(shownBy.map(({ file }) => file))];
      const tests = files.flatMap((file) => [
        `      shown by ${file}`,
        ...shownBy.filter((test) => test.file === file).map(({ title }) => `        - ${title}`),
      ]);
      return [`${id}   ${trap} (${kind})`, `      ${defence}`, `      done by  ${doneBy.join(', ')}`, ...tests].join(
        '\n',
      );
    })
    .join('\n');
}
