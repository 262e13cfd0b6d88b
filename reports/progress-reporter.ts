import type {
  FullConfig,
  FullResult,
  Reporter,
  Suite,
  TestCase,
  TestError,
  TestResult,
  TestStep,
} from '@playwright/test/reporter';
import { formatDuration } from '../helpers/verdict/quantities.ts';
import { observationLead } from '../helpers/verdict/words.ts';
import { LogTail } from './log-tail.ts';
import { ProgressLine } from './progress-line.ts';
import { writeEvidence } from './run-evidence.ts';
import { findRunLogs, logPathsIn } from './run-logs.ts';
import { styles, usesColour } from './terminal.ts';

export interface ProgressReporterOptions {
  /** Where `<story>/events.jsonl` will be. */
  readonly runDir: string;
}

const tickMs = 250;
/** How long a plain log may stay silent before it says that the work goes on. */
const silenceMs = 30_000;
const longestLine = 110;

/**
 * Shows a run while it works: a line per finished step, and on a terminal a live line for the one in progress; and
 * turns each event log into `verdict.json` and drawings as soon as its test has ended, so that a run that is killed
 * later leaves them. A log that cannot be judged is said in one line and fails nothing here.
 */
export default class ProgressReporter implements Reporter {
  private readonly runDir: string;
  private readonly live = process.stdout.isTTY && process.env['CI'] === undefined;
  private readonly colour = usesColour(process.stdout);
  private readonly steps: TestStep[] = [];
  private readonly tails = new Map<string, { readonly tail: LogTail; readonly line: ProgressLine }>();
  private current = '';
  private lastOutputMs = Date.now();
  private evidence: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;

  constructor({ runDir }: ProgressReporterOptions) {
    this.runDir = runDir;
  }

  printsToStdio(): boolean {
    return true;
  }

  onBegin(_config: FullConfig, _suite: Suite): void {
    this.timer = setInterval(() => {
      this.tick();
    }, tickMs);
    this.timer.unref();
  }

  onTestBegin(test: TestCase): void {
    this.print(this.bold(test.title));
  }

  onStepBegin(_test: TestCase, _result: TestResult, step: TestStep): void {
    this.tick();
    if (step.category === 'test.step') this.steps.push(step);
  }

  onStepEnd(_test: TestCase, _result: TestResult, step: TestStep): void {
    if (step.category !== 'test.step') return;
    this.followLogs();
    const index = this.steps.indexOf(step);
    if (index !== -1) this.steps.splice(index, 1);
    const depth = depthOf(step);
    // Deeper steps are in the HTML report; two levels are what a person can follow.
    if (depth > 1) return;
    // Seeing something wrong does not end a step: the run goes on to find out where it comes from.
    const found = observationsIn(step);
    const bad = step.error !== undefined || found.length > 0;
    const words = [...new Set(found)].slice(0, 3).join(', ');
    const text = `${'  '.repeat(depth + 1)}${bad ? '✗' : '✓'} ${step.title}  ${formatDuration(step.duration)}`;
    this.print(bad ? this.paint('bad', words === '' ? text : `${text}  ${words}`) : text);
  }

  onTestEnd(test: TestCase, result: TestResult): void {
    this.steps.length = 0;
    // What a step saw stands beside that step already.
    const others = result.errors.filter(({ message }) => !(message ?? '').includes(observationLead));
    for (const error of others) this.print(this.paint('bad', indent(errorWords(error))));
    if (result.status === 'skipped') {
      const reason = test.annotations.find(({ type }) => type === 'skip')?.description ?? 'no reason given';
      this.print(`  - skipped: ${reason}`);
    }
    this.evidence = this.evidence.then(() => this.writeEvidence());
  }

  onError(error: TestError): void {
    this.print(this.paint('bad', indent(errorWords(error))));
  }

  /** What undid itself after the last test is in the log only now. */
  async onEnd(_result: FullResult): Promise<void> {
    clearInterval(this.timer);
    await this.evidence;
    await this.writeEvidence();
    this.clearLive();
  }

  private async writeEvidence(): Promise<void> {
    const logs = await findRunLogs(this.runDir).catch(() => []);
    for (const log of logs) {
      await writeEvidence(log).catch((error: unknown) => {
        this.print(
          this.paint(
            'bad',
            `  ${log.path} cannot be judged: ${error instanceof Error ? error.message : String(error)}`,
          ),
        );
      });
    }
  }

  private followLogs(): void {
    for (const { tail, line } of this.knownTails()) {
      const events = tail.read();
      if (events.length === 0) continue;
      line.take(events);
      this.current = line.text();
    }
  }

  /** A story's folder comes with its log. */
  private knownTails(): Iterable<{ readonly tail: LogTail; readonly line: ProgressLine }> {
    for (const path of logPathsIn(this.runDir)) {
      if (!this.tails.has(path)) this.tails.set(path, { tail: new LogTail(path), line: new ProgressLine() });
    }
    return this.tails.values();
  }

  private tick(): void {
    this.followLogs();
    const step = this.steps.at(-1);
    if (step === undefined) return;
    const elapsedMs = Date.now() - step.startTime.getTime();
    const text = `    … ${step.title}  ${formatDuration(elapsedMs)}${this.current === '' ? '' : `  ${this.current}`}`;
    if (this.live)
      process.stdout.write(`\r\u001b[2K${text.slice(0, Math.min(longestLine, (process.stdout.columns || 80) - 1))}`);
    else if (Date.now() - this.lastOutputMs > silenceMs) this.print(text);
  }

  private print(text: string): void {
    this.clearLive();
    this.current = '';
    this.lastOutputMs = Date.now();
    process.stdout.write(`${text}\n`);
  }

  private clearLive(): void {
    if (this.live) process.stdout.write('\r\u001b[2K');
  }

  private paint(style: keyof typeof styles, text: string): string {
    return this.colour ? styles[style](text) : text;
  }

  private bold(text: string): string {
    return this.colour ? `\u001b[1m${text}\u001b[22m` : text;
  }
}

function depthOf(step: TestStep): number {
  let depth = 0;
  for (let parent = step.parent; parent !== undefined; parent = parent.parent) {
    if (parent.category === 'test.step') depth += 1;
  }
  return depth;
}

/** What the step and the steps in it saw that speaks against consistency, in short. */
function observationsIn(step: TestStep): string[] {
  const [, seen] = (step.error?.message ?? '').split(observationLead);
  const own = seen === undefined ? [] : [seen.split(/ \(|\n/, 1)[0] ?? ''];
  return [...own, ...step.steps.flatMap(observationsIn)];
}

/** The message without colours and without the stack, which the HTML report has. */
function errorWords({ message, value }: TestError): string {
  const ansi = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');
  return (message ?? value ?? 'an error without a message').replace(ansi, '').split('\n').slice(0, 12).join('\n');
}

function indent(text: string): string {
  return text.replace(/^/gm, '    ');
}
