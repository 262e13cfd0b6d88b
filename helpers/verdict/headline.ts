import { formatBytes, plural } from './quantities.ts';
import type { Verdict } from './verdict.ts';

/** `5 passes over 500 MiB`; of a volume that had several sizes, how much was read in all. */
export function passesWords({ passes, bytes }: Pick<Verdict, 'passes' | 'bytes'>): string {
  const count = passes.reduce((sum, phase) => sum + phase.passes, 0);
  const readBytes = passes.reduce((sum, phase) => sum + phase.comparedBytes, 0);
  const words = plural(count, 'pass', 'passes');
  if (readBytes === count * bytes.device) return `${words} over ${formatBytes(bytes.device)}`;
  return `${words} over different sizes, ${formatBytes(readBytes)} in all,`;
}

function rebuiltWords({ subject }: Verdict, { rebuilt }: NonNullable<Verdict['rebuild']>): string {
  const { volumes = 1 } = subject ?? {};
  return volumes > 1 ? `each of ${volumes} rebuilt replicas` : `rebuilt replica ${rebuilt.replica}`;
}

/** The verdict in one sentence. */
export function headline(verdict: Verdict): string {
  switch (verdict.verdict) {
    case 'consistent': {
      const alone = verdict.passes.some(({ phase, passes }) => phase === 'isolated' && passes > 0);
      const rebuilt =
        verdict.rebuild === null || !alone ? '' : `, ${rebuiltWords(verdict, verdict.rebuild)} alone included`;
      return `Every byte of ${passesWords(verdict)} is what the oracle says${rebuilt}.`;
    }
    case 'inconsistent': {
      const first = verdict.findings.find(({ kind }) => kind === 'content') ?? verdict.findings[0];
      const [citation] = verdict.findings.flatMap(({ citations }) => citations);
      const known =
        citation === undefined
          ? ''
          : citation.relation === 'known-defect'
            ? ` This is ${citation.issue}.`
            : ` Same symptom as ${citation.issue}.`;
      return `${first?.title ?? 'Something speaks against consistency'}.${known}`;
    }
    case 'inconclusive':
      return verdict.causes[0] ?? 'Less is known than a verdict needs.';
  }
}
