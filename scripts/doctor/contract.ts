import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { KeptPromise } from './report.ts';

const require = createRequire(import.meta.url);
const cli = join(dirname(require.resolve('@playwright/test/package.json')), 'cli.js');
const root = fileURLToPath(new URL('../..', import.meta.url));

export interface ContractRequest {
  readonly context: string;
  readonly kubeconfigPath: string;
  /** Where its pods are made when they are pulled with secrets, which are there already; else in one of its own. */
  readonly namespace: string;
  readonly longhornNamespace: string;
  readonly probeImage: string;
  readonly pullSecrets: readonly string[];
}

/**
 * Runs the contract suite against a context, and answers with every promise in it. What it makes there carries a run's
 * label and is removed again.
 * @throws when Playwright ends without a report
 */
export async function holdToContract(request: ContractRequest): Promise<readonly KeptPromise[]> {
  const directory = await mkdtemp(join(tmpdir(), 'v2-verifier-contract-'));
  const output = join(directory, 'report.json');
  try {
    const { exitCode } = await execa(
      process.execPath,
      [cli, 'test', '--project=contract', '--workers=1', '--reporter=json'],
      {
        cwd: root,
        reject: false,
        stdin: 'ignore',
        stdout: 'ignore',
        stderr: 'inherit',
        env: {
          PLAYWRIGHT_JSON_OUTPUT_FILE: output,
          VERIFIER_KUBECONFIG: request.kubeconfigPath,
          VERIFIER_CONTEXT: request.context,
          VERIFIER_LONGHORN_NAMESPACE: request.longhornNamespace,
          VERIFIER_PROBE_IMAGE: request.probeImage,
          ...(request.pullSecrets.length === 0
            ? {}
            : { VERIFIER_PULL_SECRETS: request.pullSecrets.join(','), VERIFIER_NAMESPACE: request.namespace }),
        },
      },
    );
    const text = await readFile(output, 'utf8').catch((cause: unknown) => {
      throw new Error(
        `Playwright ended with ${String(exitCode)} and wrote no report; run it by hand: npx playwright test --project=contract`,
        { cause },
      );
    });
    return promisesOf(JSON.parse(text) as JsonReport);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** What of Playwright's JSON report is read. playwright:packages/playwright/types/testReporter.d.ts */
export interface JsonReport {
  readonly suites: readonly JsonSuite[];
}

interface JsonSuite {
  readonly title: string;
  readonly specs: readonly { readonly title: string; readonly tests: readonly JsonTest[] }[];
  readonly suites?: readonly JsonSuite[];
}

interface JsonTest {
  readonly status: 'expected' | 'unexpected' | 'flaky' | 'skipped';
  readonly annotations: readonly { readonly type: string; readonly description?: string }[];
  readonly results: readonly { readonly error?: { readonly message?: string } }[];
}

/** Every test as a promise with the sources that it is annotated with. Exported for its tests. */
export function promisesOf(report: JsonReport): KeptPromise[] {
  // The outermost suites are files, whose names say nothing to a reader.
  return report.suites.flatMap((file) => inSuite({ ...file, title: '' }, ''));
}

function inSuite(suite: JsonSuite, outer: string): KeptPromise[] {
  const prefix = `${outer}${suite.title === '' ? '' : `${suite.title} `}`;
  return [
    ...suite.specs.flatMap(({ title, tests }) => tests.map((test) => promiseOf(`${prefix}${title}`, test))),
    ...(suite.suites ?? []).flatMap((inner) => inSuite(inner, prefix)),
  ];
}

const colours = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

function promiseOf(title: string, { status, annotations, results }: JsonTest): KeptPromise {
  const notes = (type: string): string[] =>
    annotations.flatMap((note) => (note.type === type && note.description !== undefined ? [note.description] : []));
  const sources = notes('source');
  if (status === 'expected') return { title, sources, outcome: 'holds', detail: '' };
  if (status === 'skipped') {
    return { title, sources, outcome: 'not checked', detail: notes('skip')[0] ?? 'the suite ended before it' };
  }
  const message = results.find(({ error }) => error !== undefined)?.error?.message ?? 'it failed without a message';
  const lines = message
    .replace(colours, '')
    .split('\n')
    .map((line) => line.trim());
  return {
    title,
    sources,
    outcome: 'does not hold',
    detail: lines
      .filter((line) => line !== '')
      .slice(0, 3)
      .join(' '),
  };
}
