/** What a search says at its end. */
import type { MatrixRow } from '../matrix/row.ts';
import { knownExpectation } from '../matrix/request.ts';
import { rowText } from '../matrix/table.ts';
import type { BisectCommand } from './request.ts';
import { type BisectOutcome, changes, type Judgement, opposite, type Trial } from './search.ts';

export interface BisectReport {
  readonly outcome: BisectOutcome<string>;
  readonly trials: readonly Trial<string>[];
  readonly rows: readonly MatrixRow[];
}

/** `inconclusive` is no answer, and is skipped. */
export function judgementOf({ verdict }: Pick<MatrixRow, 'verdict'>): Judgement {
  switch (verdict) {
    case 'consistent':
      return 'good';
    case 'inconsistent':
      return 'bad';
    case 'inconclusive':
      return 'skip';
  }
}

export function exitCodeOf({ kind }: BisectOutcome<string>): 0 | 1 | 2 {
  switch (kind) {
    case 'found':
      return 0;
    case 'contradicted':
      return 1;
    case 'narrowed':
      return 2;
  }
}

export function reportText(command: BisectCommand, report: BisectReport): string {
  const { outcome, rows } = report;
  const decisive = outcome.kind === 'contradicted' ? [outcome.end] : [outcome.last, outcome.first];
  const evidence = rows.filter(({ version }) => decisive.includes(version)).map(rowText);
  return [
    outcomeWords(command, outcome),
    '',
    ...evidence,
    '',
    ...extentWords(command, report),
    `replay   ${command.replay}`,
  ].join('\n');
}

function outcomeWords({ older }: BisectCommand, outcome: BisectOutcome<string>): string {
  const newer = opposite(older);
  switch (outcome.kind) {
    case 'found':
      return `The first ${newer} one is ${outcome.first}; ${outcome.last}, right before it, is ${older}.`;
    case 'narrowed':
      return `Between ${outcome.last} (${older}) and ${outcome.first} (${newer}) no verdict was possible: ${outcome.suspects.join(', ')}.`;
    case 'contradicted': {
      const seen = outcome.seen === 'skip' ? 'gave no verdict' : `is ${outcome.seen}`;
      return `${outcome.end} was said to be ${outcome.claimed}, and ${seen}: there is nothing to search between.`;
    }
  }
}

/** What is known about further changes: seen ones, and those that known defects foretell of what was not tried. */
function extentWords({ candidates, target }: BisectCommand, { trials }: BisectReport): string[] {
  const tried = `tried    ${String(trials.length)} of ${String(candidates.length)}`;
  const seen = changes(candidates, trials);
  const shown = seen.map(([from, to]) => `${from} → ${to}`).join(', ');
  if (seen.length > 1) return [`${tried}; NOT monotone: good and bad change places at ${shown}`];
  const foretold = candidates.map(
    (candidate) => trials.find((trial) => trial.candidate === candidate) ?? foretell(candidate),
  );
  const known = target === 'embedded' ? changes(candidates, foretold) : [];
  if (known.length <= 1) return [`${tried}; monotone as far as seen`];
  const bad = foretold.filter((trial) => !trials.includes(trial) && trial.judgement === 'bad');
  const words = bad.map(({ candidate }) => `${candidate} (${knownExpectation(candidate).issue ?? ''})`).join(', ');
  return [`${tried}; monotone as far as seen, but ${words} is known to be bad as well: --every tries all`];
}

function foretell(candidate: string): Trial<string> {
  const { verdict } = knownExpectation(candidate);
  return { candidate, judgement: judgementOf({ verdict }) };
}
