import type { RunOptions } from '../../../fixtures/run-options.ts';
import { ownNamespaceOf } from '../../../helpers/kubernetes/ownership.ts';
import type { Flags } from '../../command-line/flags.ts';
import { parseImageReference } from '../../command-line/image-reference.ts';
import { parseLonghornNamespace, parseNamespace } from '../../command-line/namespace.ts';
import { objectName } from '../../command-line/object-name.ts';
import { UsageError } from '../../command-line/usage-error.ts';
import type { RequestedTarget } from './target.ts';

/** Where the pods of a run are, and of which image. Throws `UsageError`. */
export function parsePods(
  flags: Flags,
  target: RequestedTarget,
  runId: string,
): Pick<RunOptions, 'namespace' | 'longhornNamespace' | 'probeImage' | 'pullSecrets'> {
  const ownNamespace = target.kind === 'context' ? target.namespace : undefined;
  return {
    namespace: parseNamespace(flags, 'namespace', ownNamespace) ?? ownNamespaceOf(runId),
    longhornNamespace: parseLonghornNamespace(flags),
    probeImage: parseImageReference('probe-image', flags.text('probe-image') ?? 'node:20-bookworm-slim'),
    pullSecrets: parsePullSecrets(flags),
  };
}

/** A secret is there before the run is, so its namespace must be named as well. */
function parsePullSecrets(flags: Flags): string[] {
  const names = flags.text('pull-secret')?.split(',') ?? [];
  const wrong = names.find((name) => !objectName.test(name));
  if (wrong !== undefined) throw new UsageError(`--pull-secret wants names of secrets, got "${wrong}"`);
  if (names.length > 0 && !flags.given('namespace')) {
    throw new UsageError('--pull-secret needs --namespace NAME: the secret must be there, in a namespace of yours');
  }
  return names;
}
