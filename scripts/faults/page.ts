/** The matrix as one HTML page that loads nothing: a picture of faults and checks first, what was found below. */
import { checks, type CheckId } from './checks.ts';
import { detailOf, namingText, type Matrix, type MatrixRow } from './matrix.ts';
import type { FaultRunResult } from './run-fault.ts';
import { style } from './page-style.ts';

const columns = Object.keys(checks) as CheckId[];

export function matrixPage(matrix: Matrix): string {
  const score = Object.entries(matrix.score)
    .map(([outcome, count]) => `<span class="cell ${outcome}">${String(count)} ${outcome}</span>`)
    .join(' ');
  const run = matrix.rows.filter(({ runs }) => runs.length > 0);
  const { faults, suite, upstream, upstreamMeasured } = matrix.comparison;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Faults and what the suite says to them</title>
<style>${style}</style>
<h1>Faults and what the suite says to them</h1>
<p>Each run is the real suite against an <strong>embedded</strong> cluster with one fault. ${score}</p>
<p class="big"><b>${String(suite)}</b> of ${String(faults)} live runs caught by this suite,
<b>${String(upstream)}</b> by the upstream method (one checksum before and one after) of the ${String(upstreamMeasured)} in which it can be
measured: nothing is written in between. In detail: ${namingText(matrix)}.</p>
<table class="picture">
<thead><tr><th></th><th class="fault">fault</th>${columns.map((id) => `<th class="check"><span>${escaped(checks[id])}</span></th>`).join('')}<th class="check upstream"><span>upstream method</span></th><th class="verdict">outcome</th></tr></thead>
<tbody>
${run.map(pictureRow).join('\n')}
</tbody>
</table>
<p class="legend"><i class="hit"></i> this check found it <i class="partly"></i> at some seeds only
<i class="none"></i> silent <i class="seen"></i> upstream caught <i class="missed"></i> upstream missed</p>
<h2>What was found</h2>
<table>
<thead><tr><th>id</th><th>fault</th><th>copies</th><th>outcome</th><th>by which check</th><th>findings</th></tr></thead>
<tbody>
${matrix.rows.flatMap(rowsOf).join('\n')}
</tbody>
</table>
</html>
`;
}

function pictureRow({ id, name, kind, runs }: MatrixRow): string {
  const cells = columns.map((check) => {
    const hits = runs.filter((run) => run.checks.includes(check)).length;
    const state = hits === 0 ? 'none' : hits === runs.length ? 'hit' : 'partly';
    return `<td><i class="${state}" title="${escaped(`${id}: ${checks[check]}: ${String(hits)} of ${String(runs.length)}`)}"></i></td>`;
  });
  const seen = runs.filter(({ upstream }) => upstream === 'caught').length;
  // For a control there is nothing to catch.
  const measured = kind === 'fault' && runs.some(({ upstream }) => upstream !== 'not measured');
  const state = !measured ? 'none' : seen === runs.length ? 'seen' : seen > 0 ? 'partly' : 'missed';
  const outcomes = [...new Set(runs.map(({ outcome }) => outcome))];
  const chips = outcomes.map((outcome) => `<span class="cell ${outcome}">${outcome}</span>`).join(' ');
  return `<tr><td class="id"><a href="#${id}">${id}</a></td><td class="fault">${escaped(name)}</td>${cells.join('')}<td class="upstream"><i class="${state}"></i></td><td class="verdict">${chips}</td></tr>`;
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
