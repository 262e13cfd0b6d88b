import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import ts from 'typescript';

/**
 * Which way knowledge flows (ARCHITECTURE.md). A folder may import what stands in its row and itself; `node:*` modules
 * and packages are named like paths. The longest matching row counts.
 */
const rules: readonly { folder: string; may: readonly string[]; because: string }[] = [
  { folder: 'helpers/oracle', may: ['node:crypto'], because: 'the oracle does no I/O and knows no cluster' },
  {
    folder: 'helpers/verdict',
    may: ['helpers/oracle', 'zod', 'node:crypto'],
    because: 'a verdict is computed from the event log and nothing else',
  },
  { folder: 'probe', may: ['helpers/oracle', 'node:'], because: 'the probe is one file without dependencies' },
  {
    folder: 'helpers',
    may: ['helpers', 'probe', 'node:', 'package:'],
    because: 'helpers know a cluster by its kubeconfig only',
  },
  {
    folder: 'fixtures',
    may: ['helpers', 'reports', 'node:', 'package:'],
    because: 'fixtures know a cluster by its kubeconfig only',
  },
  {
    folder: 'reports',
    may: ['helpers/verdict', 'helpers/oracle', 'helpers/eventlog', 'node:', 'package:'],
    because: 'reports are drawn from the event log',
  },
  {
    folder: 'embedded',
    may: ['node:', 'package:'],
    because: 'the embedded cluster must not share code with what checks it',
  },
];

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const clientPackage = '@kubernetes/client-node';

interface Import {
  readonly from: string;
  /** A path from the repository's root, `node:x`, or `package:x`. */
  readonly to: string;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|mjs)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => !file.startsWith('reports/out/'));
}

function importsOf(file: string): Import[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), 'utf8'), true, true);
  return importedFiles.map(({ fileName }) => ({ from: file, to: resolveImport(file, fileName) }));
}

function resolveImport(file: string, specifier: string): string {
  if (specifier.startsWith('.')) return relative(root, join(root, dirname(file), specifier));
  return specifier.startsWith('node:') ? specifier : `package:${specifier}`;
}

function within(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(':') ? folder : `${folder}/`);
}

for (const rule of rules) {
  test(`${rule.folder} imports only what it may: ${rule.because}`, () => {
    const stricter = rules.filter((other) => other !== rule && within(other.folder, rule.folder));
    const files = sourceFiles(rule.folder).filter((file) => !stricter.some((other) => within(file, other.folder)));
    const wrong = files
      .flatMap(importsOf)
      .filter(({ to }) => !within(to, rule.folder))
      .filter(({ to }) => !rule.may.some((may) => within(to, may) || to === `package:${may}`));
    expect(files.length).toBeGreaterThan(0);
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });
}

test('scenario specs know a cluster only through fixtures and helpers', () => {
  const specs = readdirSync(join(root, 'tests')).filter((name) => name.endsWith('.spec.ts'));
  const wrong = specs.flatMap((name) => importsOf(join('tests', name))).filter(({ to }) => within(to, 'embedded'));
  expect(specs.length).toBeGreaterThan(0);
  expect(wrong).toEqual([]);
});

test('the Kubernetes client package is imported in one folder only', () => {
  const files = ['helpers', 'fixtures', 'reports', 'embedded', 'probe', 'scripts'].flatMap(sourceFiles);
  const importers = files.flatMap(importsOf).filter(({ to }) => to.startsWith(`package:${clientPackage}`));
  expect(importers.length).toBeGreaterThan(0);
  expect(importers.filter(({ from }) => !within(from, 'helpers/kubernetes'))).toEqual([]);
});
