import { formatRuns } from '../helpers/verdict/quantities.ts';
import type { Verdict } from '../helpers/verdict/verdict.ts';

/**
 * Workflow commands that make GitHub show each finding as an error and each cause of not knowing as a warning, at the top
 * of the job. Source: actions/toolkit:packages/core/src/command.ts (escaping)
 */
export function githubAnnotations(verdicts: readonly Verdict[]): string[] {
  return verdicts.flatMap(({ image, verdict, findings, causes }) => {
    const title = `${verdict}${image === null ? '' : `, ${image} image`}`;
    return [
      ...findings.map((finding) => {
        const blocks = finding.kind === 'content' ? ` (MiB ${formatRuns(finding.wrongMibs)})` : '';
        return annotation('error', title, `${finding.title}${blocks}`);
      }),
      ...causes.map((cause) => annotation('warning', title, cause)),
    ];
  });
}

function annotation(level: 'error' | 'warning', title: string, message: string): string {
  return `::${level} title=${escapeData(title).replaceAll(':', '%3A').replaceAll(',', '%2C')}::${escapeData(message)}`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
