import { catalogue } from '../../embedded/faults/catalogue/index.ts';
import type { Control, RunnableFault } from '../../embedded/faults/fault.ts';
import { type CommandHelp, parseFlags } from '../command-line/flags.ts';
import { parseOutDir } from '../command-line/out-dir.ts';
import { UsageError } from '../command-line/usage-error.ts';

/** Small, and between them every way in which a fault is found: content in isolation, lvol audits, baseline, silence. */
const quickSubset = ['FM01', 'FM15', 'FM22', 'FM50', 'N7'];

export interface FaultsRequest {
  readonly faults: readonly (RunnableFault | Control)[];
  readonly seeds: readonly string[];
  readonly parallel: number;
  /** So many runs without a fault instead; 0 for none. */
  readonly clean: number;
  readonly blind: boolean;
  /** For `verify`, after those that every run gets. */
  readonly moreFlags: readonly string[];
  readonly outDir: string;
}

export const faultsHelp: CommandHelp = {
  summary: 'Runs the suite against an embedded cluster with each fault, and shows what it says to them.',
  usage: 'npm run faults -- [flags]',
  flags: {
    list: { text: 'show every fault and control, with the defect that it copies, and run nothing' },
    traps: {
      text: 'show every way to be misled, what this suite does about it, and the tests that show it; run nothing',
    },
    quick: { text: `only ${quickSubset.join(', ')}` },
    only: { value: 'ID,…', text: 'only these' },
    seeds: { value: 'N', text: 'how many seeds each runs at (default 1)' },
    from: { value: 'N', text: 'number of the first of these seeds (default 1)' },
    parallel: { value: 'N', text: 'runs at a time (default 2)' },
    clean: { value: 'N', text: 'instead: so many runs without a fault, each of which must be consistent' },
    blind: { text: 'also compare, for each run, what survives without one detector with what the catalogue says' },
    'verify-flag': { value: 'FLAGS', text: 'more flags of verify, in one argument', hidden: true },
    out: { value: 'DIR', text: 'where matrix and runs go (default reports/out/faults)' },
  },
  examples: [
    'npm run faults -- --list',
    'npm run faults -- --traps',
    'npm run faults -- --only FM01,FM07 --seeds 3',
    'npm run faults -- --blind',
    'npm run faults -- --clean 200',
  ],
};

/** Throws `UsageError` before anything is started. */
export function parseFaultsRequest(argv: readonly string[]): FaultsRequest {
  const flags = parseFlags(argv, faultsHelp);
  const seeds = flags.integer('seeds', { min: 1, max: 1000 }) ?? 1;
  const from = flags.integer('from', { min: 1, max: 1_000_000 }) ?? 1;
  const only = flags.text('only')?.split(',') ?? (flags.given('quick') ? quickSubset : undefined);
  return {
    faults: chosen(only),
    seeds: Array.from({ length: seeds }, (_, index) => `s${String(from + index)}`),
    parallel: flags.integer('parallel', { min: 1, max: 64 }) ?? 2,
    clean: flags.integer('clean', { min: 1, max: 10_000 }) ?? 0,
    blind: flags.given('blind'),
    moreFlags: flags.text('verify-flag')?.split(' ') ?? [],
    outDir: parseOutDir(flags) ?? 'reports/out/faults',
  };
}

function chosen(only: readonly string[] | undefined): (RunnableFault | Control)[] {
  const runnable = catalogue.filter((fault) => fault.kind !== 'unreached');
  if (only === undefined) return runnable;
  return only.map((id) => {
    const fault = catalogue.find((candidate) => candidate.id === id);
    if (fault === undefined) throw new UsageError(`no fault "${id}"; see --list`);
    if (fault.kind === 'unreached') throw new UsageError(`${id} cannot be live yet: it needs ${fault.needs}`);
    return fault;
  });
}
