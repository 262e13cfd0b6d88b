/** The matrix as one HTML page that loads nothing. */
import { relative } from 'node:path';
import { formatDuration, formatRuns } from '../../helpers/verdict/quantities.ts';
import { cell, escaped, tablePage } from '../command-line/table-page.ts';
import type { MatrixRow } from './row.ts';
import { expectationWords } from './table.ts';

const tones = { consistent: 'good', inconsistent: 'bad', inconclusive: 'doubtful' } as const;

export function matrixPage(rows: readonly MatrixRow[], outDir: string): string {
  const embedded = rows.some(({ target }) => target === 'embedded');
  return tablePage({
    title: 'Longhorn releases and their verdicts',
    lead: embedded
      ? 'Rows marked <strong>embedded</strong> ran on the embedded cluster as it models that release, not on a real one.'
      : 'Each row ran the same plan on a cluster with that release.',
    columns: ['release', 'target', 'verdict', 'cited', 'findings', 'rebuilt replica', 'wrong MiB', 'report'],
    rows: rows.map((row) => rowHtml(row, outDir)),
  });
}

function rowHtml(row: MatrixRow, outDir: string): string {
  const surprise = row.asExpected === false ? ` ${cell('bad', `expected ${expectationWords(row)}`)}` : '';
  const issues = row.cited.map((issue) => {
    const url = `https://github.com/${issue.replace('#', '/issues/')}`;
    return `<a href="${escaped(url)}">${escaped(issue)}</a>`;
  });
  const cells = [
    escaped(row.version),
    escaped(row.target),
    `${cell(tones[row.verdict], row.verdict)}${surprise}<br><small>${escaped(row.headline)}</small>`,
    issues.join('<br>'),
    escaped(row.findings.join(', ')),
    row.rebuilt.map(escaped).join('<br>'),
    escaped(formatRuns(row.wrongMibs)),
    `<a href="${escaped(relative(outDir, row.report))}">report</a>, ${escaped(formatDuration(row.durationMs))}` +
      `<br><small>${escaped(row.replay)}</small>`,
  ];
  return `<tr id="${escaped(row.version)}">${cells.map((text) => `<td>${text}</td>`).join('')}</tr>`;
}
