import { styles, type Style } from '../../reports/terminal.ts';
import type { DoctorReport, KeptPromise } from './report.ts';

export interface ScreenOptions {
  readonly columns: number;
  readonly colour: boolean;
}

type Check = DoctorReport['checks'][number];

/** A line for each check, with what to do below those that are not ok; the answer comes last, where the eye is. */
export function renderDoctor(report: DoctorReport, options: ScreenOptions): string {
  const nameWidth = Math.max(...report.checks.map(({ name }) => name.length));
  const paint = (style: Style, text: string): string => (options.colour ? styles[style](text) : text);
  const checkLines = report.checks
    .filter(({ after }) => after === undefined)
    .flatMap((check) => {
      const start = `${check.state.padEnd(9)}${check.name.padEnd(nameWidth)}  `;
      const line = check.state === 'ok' ? cut(start + check.seen, options.columns) : start + check.seen;
      return [paint(styleOf(check), line), ...check.remedy.map((remedy) => `${' '.repeat(9)}→ ${remedy}`)];
    });
  const contractLines = (report.contract ?? []).flatMap((promise) => promiseLines(promise, paint));
  return [
    `target ${report.target}${report.target === 'embedded' ? ' (not a real cluster)' : ''}`,
    ...checkLines,
    ...notLookedAt(report.checks).map((line) => paint('doubtful', line)),
    ...(contractLines.length === 0 ? [] : ['', 'Promises that the suite relies on', ...contractLines]),
    '',
    paint(report.verdictPossible ? 'good' : 'bad', conclusion(report)),
  ].join('\n');
}

/** One line for all that cannot be looked at before something else is ok. */
function notLookedAt(checks: readonly Check[]): string[] {
  const causes = [...new Set(checks.flatMap(({ after }) => (after === undefined ? [] : [after])))];
  return causes.map((cause) => {
    const waiting = checks.filter(({ after }) => after === cause);
    const ids = waiting.map(({ id }) => id).join(', ');
    return `${'unknown'.padEnd(9)}${String(waiting.length)} other checks, ${waiting[0]?.seen ?? ''}: ${ids}`;
  });
}

function styleOf({ state, hinders }: Check): Style {
  if (state === 'ok') return 'faint';
  return hinders ? 'bad' : 'doubtful';
}

function conclusion({ checks, contract, verdictPossible }: DoctorReport): string {
  const advice = checks.filter(({ state, hinders }) => state !== 'ok' && !hinders).length;
  const besides =
    advice === 0
      ? ''
      : `; ${advice === 1 ? 'one of the checks limits' : `${String(advice)} of the checks limit`} what it shows`;
  if (verdictPossible) return `A verdict is possible${besides}.`;
  const hindering = checks.filter(({ hinders, after }) => hinders && after === undefined).map(({ id }) => id);
  const broken = (contract ?? []).filter(({ outcome }) => outcome === 'does not hold').length;
  const causes = [...hindering, ...(broken === 0 ? [] : [`${String(broken)} promises that do not hold`])];
  return `No verdict is possible: ${causes.join(', ')}.`;
}

const promiseStyles: Readonly<Record<KeptPromise['outcome'], Style>> = {
  holds: 'faint',
  'does not hold': 'bad',
  'not checked': 'doubtful',
};

function promiseLines(promise: KeptPromise, paint: (style: Style, text: string) => string): string[] {
  const { outcome, title, sources, detail } = promise;
  return [
    paint(promiseStyles[outcome], `${outcome.padEnd(15)}${title}`),
    ...sources.map((source) => paint('faint', `${' '.repeat(15)}${source}`)),
    ...(detail === '' ? [] : [`${' '.repeat(15)}→ ${detail}`]),
  ];
}

function cut(text: string, columns: number): string {
  return text.length > columns ? `${text.slice(0, columns - 1)}…` : text;
}
