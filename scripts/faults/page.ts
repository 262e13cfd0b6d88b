/** The matrix as one HTML page that loads nothing. */
import { detailOf, type Matrix, type MatrixRow } from './matrix.ts';
import type { FaultRunResult } from './run-fault.ts';

export function matrixPage(matrix: Matrix): string {
  const score = Object.entries(matrix.score)
    .map(([outcome, count]) => `<span class="cell ${outcome}">${String(count)} ${outcome}</span>`)
    .join(' ');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Faults and what the suite says to them</title>
<style>
  body { font: 14px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 90rem; padding: 0 1rem; color: #1b1f24; background: #fff; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid #d8dee4; }
  th { position: sticky; top: 0; background: #fff; }
  small { color: #59636e; }
  .cell { padding: .05rem .45rem; border-radius: .6rem; white-space: nowrap; background: #eaeef2; }
  .caught, .silent { background: #dafbe1; }
  .survived, .false-alarm, .no-result { background: #ffd7d5; }
  .caught-otherwise, .unclear { background: #fff8c5; }
  @media (prefers-color-scheme: dark) {
    body, th { background: #0d1117; color: #e6edf3; } th, td { border-color: #30363d; } small { color: #9198a1; } a { color: #4493f8; }
    .cell { background: #30363d; } .caught, .silent { background: #12461f; } .survived, .false-alarm, .no-result { background: #78191b; }
    .caught-otherwise, .unclear { background: #5c4813; }
  }
</style>
<h1>Faults and what the suite says to them</h1>
<p>Each row ran the real suite against an <strong>embedded</strong> cluster with the fault. ${score}</p>
<table>
<thead><tr><th>id</th><th>fault</th><th>copies</th><th>outcome</th><th>by which check</th><th>findings</th></tr></thead>
<tbody>
${matrix.rows.flatMap(rowsOf).join('\n')}
</tbody>
</table>
</html>
`;
}

function rowsOf(row: MatrixRow): string[] {
  if (row.runs.length === 0) {
    return [
      `<tr>${headCells(row)}<td><span class="cell">not run</span></td><td colspan="2">${escaped(row.notRun)}</td></tr>`,
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
    `<td><span class="cell ${run.outcome}">${run.outcome}</span>${seed}</td>` +
    `<td>${escaped(detailOf(run))}</td><td>${findings.join('')}${more}</td>`
  );
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${String(character.charCodeAt(0))};`);
}
