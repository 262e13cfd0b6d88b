/** The matrix as one HTML page that loads nothing. */
import { cell, escaped, tablePage, type Tone } from '../command-line/table-page.ts';
import { detailOf, type Matrix, type MatrixRow } from './matrix.ts';
import type { FaultRunResult } from './run-fault.ts';
import type { Outcome } from './score.ts';

const tones: Readonly<Record<Outcome | 'not-run', Tone>> = {
  caught: 'good',
  silent: 'good',
  survived: 'bad',
  'false-alarm': 'bad',
  'no-result': 'bad',
  'caught-otherwise': 'doubtful',
  unclear: 'doubtful',
  equivalent: 'plain',
  'not-run': 'plain',
};

export function matrixPage(matrix: Matrix): string {
  const score = Object.entries(matrix.score)
    .map(([outcome, count]) => cell(tones[outcome as Outcome | 'not-run'], `${String(count)} ${outcome}`))
    .join(' ');
  return tablePage({
    title: 'Faults and what the suite says to them',
    lead: `Each row ran the real suite against an <strong>embedded</strong> cluster with the fault. ${score}`,
    columns: ['id', 'fault', 'copies', 'outcome', 'by which check', 'findings'],
    rows: matrix.rows.flatMap(rowsOf),
  });
}

function rowsOf(row: MatrixRow): string[] {
  if (row.runs.length === 0) {
    return [
      `<tr>${headCells(row)}<td>${cell('plain', 'not run')}</td><td colspan="2">${escaped(row.notRun)}</td></tr>`,
    ];
  }
  return row.runs.map((run) => `<tr>${headCells(row)}${runCells(run)}</tr>`);
}

function headCells({ id, name, model, copies }: MatrixRow): string {
  const links = copies.map((defect) => `<a href="${escaped(defect.url)}">${escaped(defect.name)}</a>`).join('<br>');
  return `<td id="${id}">${id}</td><td>${escaped(name)}<br><small>${escaped(model)}</small></td><td>${links}</td>`;
}

function runCells(run: FaultRunResult): string {
  const findings = run.findings.slice(0, 3).map((finding) => `<div>${escaped(finding)}</div>`);
  const more = run.findings.length > 3 ? `<small>and ${String(run.findings.length - 3)} more</small>` : '';
  const seed = `<br><small>seed ${escaped(run.seed)}, ${String(run.differences)} differences</small>`;
  return (
    `<td>${cell(tones[run.outcome], run.outcome)}${seed}</td>` +
    `<td>${escaped(detailOf(run))}</td><td>${findings.join('')}${more}</td>`
  );
}
