/** One HTML page with one table, that loads nothing from anywhere. */

export type Tone = 'good' | 'bad' | 'doubtful' | 'plain';

export interface TablePage {
  readonly title: string;
  /** HTML of one paragraph above the table. */
  readonly lead: string;
  readonly columns: readonly string[];
  /** HTML of whole `<tr>` elements. */
  readonly rows: readonly string[];
}

export function tablePage({ title, lead, columns, rows }: TablePage): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>
  body { font: 14px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 90rem; padding: 0 1rem; color: #1b1f24; background: #fff; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid #d8dee4; }
  th { position: sticky; top: 0; background: #fff; }
  small { color: #59636e; }
  .cell { padding: .05rem .45rem; border-radius: .6rem; white-space: nowrap; background: #eaeef2; }
  .good { background: #dafbe1; }
  .bad { background: #ffd7d5; }
  .doubtful { background: #fff8c5; }
  @media (prefers-color-scheme: dark) {
    body, th { background: #0d1117; color: #e6edf3; } th, td { border-color: #30363d; } small { color: #9198a1; } a { color: #4493f8; }
    .cell { background: #30363d; } .good { background: #12461f; } .bad { background: #78191b; } .doubtful { background: #5c4813; }
  }
</style>
<h1>${escaped(title)}</h1>
<p>${lead}</p>
<table>
<thead><tr>${columns.map((column) => `<th>${escaped(column)}</th>`).join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
</html>
`;
}

/** A coloured word. */
export function cell(tone: Tone, text: string): string {
  return `<span class="cell ${tone}">${escaped(text)}</span>`;
}

export function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${String(character.charCodeAt(0))};`);
}
