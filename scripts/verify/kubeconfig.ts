import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { UsageError } from '../command-line/usage-error.ts';

const kubeconfigSchema = z.looseObject({
  contexts: z.array(z.looseObject({ name: z.string() })).nullish(),
  clusters: z.array(z.looseObject({ name: z.string() })).nullish(),
});

/**
 * Finds the kubeconfig file that defines a context: `--kubeconfig`, else the files of `$KUBECONFIG`, else
 * `~/.kube/config`. Throws `UsageError` when a file cannot be read or is none, or when no file knows the context.
 */
export async function resolveContext(options: {
  context: string;
  kubeconfig: string | undefined;
}): Promise<{ context: string; kubeconfigPath: string }> {
  const files =
    options.kubeconfig !== undefined
      ? [options.kubeconfig]
      : (process.env['KUBECONFIG'] ?? join(homedir(), '.kube', 'config'))
          .split(delimiter)
          .filter((file) => file !== '');
  const seen: string[] = [];
  for (const file of files) {
    const names = await contextNames(file);
    if (names.includes(options.context)) return { context: options.context, kubeconfigPath: file };
    seen.push(...names);
  }
  const known = seen.length === 0 ? 'no contexts' : `the contexts ${seen.join(', ')}`;
  throw new UsageError(`no context "${options.context}" in ${files.join(', ')}, which has ${known}`);
}

async function contextNames(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new UsageError(`cannot read kubeconfig ${file}: ${code}`, { cause: error });
  });
  const parsed = kubeconfigSchema.safeParse(parseYaml(file, text));
  if (!parsed.success) throw new UsageError(`${file} is not a kubeconfig: it has no list of contexts`);
  return (parsed.data.contexts ?? []).map((context) => context.name);
}

function parseYaml(file: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new UsageError(`${file} is not YAML: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''}`, {
      cause: error,
    });
  }
}
