import { formatBytes, plural } from './quantities.ts';
import type { Verdict } from './verdict.ts';

/** The verdict in one sentence. */
export function headline(verdict: Verdict): string {
  switch (verdict.verdict) {
    case 'consistent': {
      const passes = verdict.passes.reduce((sum, phase) => sum + phase.passes, 0);
      const rebuilt =
        verdict.rebuild === null ? '' : `, rebuilt replica ${verdict.rebuild.rebuilt.replica} alone included`;
      return (
        `Every byte of ${plural(passes, 'pass', 'passes')} over ${formatBytes(verdict.bytes.device)} ` +
        `is what the oracle says${rebuilt}.`
      );
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
