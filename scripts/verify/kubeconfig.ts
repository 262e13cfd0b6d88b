import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { defaultKubeconfigs } from '../../helpers/kubernetes/reach.ts';
import { UsageError } from '../command-line/usage-error.ts';

const named = z.looseObject({ name: z.string() });
const kubeconfigSchema = z.looseObject({
  contexts: z
    .array(
      z.looseObject({ name: z.string(), context: z.looseObject({ cluster: z.string(), user: z.string() }).partial() }),
    )
    .nullish(),
  clusters: z
    .array(z.looseObject({ name: z.string(), cluster: z.looseObject({ server: z.string() }).partial() }))
    .nullish(),
  users: z.array(named).nullish(),
});

type Kubeconfig = z.infer<typeof kubeconfigSchema>;
type Context = NonNullable<Kubeconfig['contexts']>[number];

/**
 * Finds the kubeconfig file that defines a context: `--kubeconfig`, else the files of `$KUBECONFIG`, else
 * `~/.kube/config`; of those a file that is not there is passed over, as kubectl does. Throws `UsageError` when a file
 * cannot be read or is none, when no file knows the context, or when its cluster or user is not in the same file.
 */
export async function resolveContext(options: {
  context: string;
  kubeconfig: string | undefined;
}): Promise<{ context: string; kubeconfigPath: string }> {
  const files = options.kubeconfig === undefined ? defaultKubeconfigs() : [options.kubeconfig];
  const seen: string[] = [];
  const absent: string[] = [];
  for (const file of files) {
    const found = await readKubeconfig(file);
    if (found === undefined) {
      absent.push(file);
      continue;
    }
    const contexts = found.contexts ?? [];
    const context = contexts.find(({ name }) => name === options.context);
    if (context !== undefined) {
      requireUsable(file, found, context);
      return { context: options.context, kubeconfigPath: file };
    }
    seen.push(...contexts.map(({ name }) => name));
  }
  if (absent.length === files.length) {
    throw new UsageError(`cannot read kubeconfig ${files.join(', ')}: no such file; name one with --kubeconfig FILE`);
  }
  const known = seen.length === 0 ? 'no contexts' : `the contexts ${seen.join(', ')}`;
  throw new UsageError(`no context "${options.context}" in ${files.join(', ')}, which has ${known}`);
}

/** Undefined where there is no such file. */
async function readKubeconfig(file: string): Promise<Kubeconfig | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    if (code === 'ENOENT') return undefined;
    throw new UsageError(`cannot read kubeconfig ${file}: ${code}`, { cause: error });
  }
  const parsed = kubeconfigSchema.safeParse(parseYaml(file, text));
  if (!parsed.success) throw new UsageError(`${file} is not a kubeconfig: it has no list of contexts`);
  return parsed.data;
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

function requireUsable(file: string, { clusters, users }: Kubeconfig, { name, context }: Context): void {
  const wrong = (what: string): never => {
    throw new UsageError(`context "${name}" of ${file} ${what}`);
  };
  const cluster = (clusters ?? []).find((one) => one.name === context.cluster);
  if (cluster === undefined) wrong(`names the cluster "${context.cluster ?? ''}", which is not in that file`);
  const { server = '' } = cluster?.cluster ?? {};
  if (!URL.canParse(server)) wrong(`names a cluster without a valid server address, "${server}"`);
  const user = context.user ?? '';
  if (user !== '' && !(users ?? []).some((one) => one.name === user)) {
    wrong(`names the user "${user}", which is not in that file`);
  }
}
