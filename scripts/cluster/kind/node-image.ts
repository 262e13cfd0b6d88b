import { dirname } from 'node:path';
import type { Layout } from '../layout.ts';
import { command, done, needed, type Step } from '../plan/step.ts';
import type { World } from '../plan/world.ts';
import type { KindProvider } from '../request.ts';

/**
 * Kubernetes 1.32: all of Longhorn 1.8 to 1.12 runs on it.
 * Digest: kubernetes-sigs/kind:pkg/apis/config/defaults/image.go@v0.27.0
 */
export const nodeBaseImage =
  'kindest/node:v1.32.2@sha256:f226345927d7e348497136874b6d207e0b32cc52154ad8323129352923a3142f';

/**
 * Kind's image with what Longhorn's node check looks for on Debian: iscsiadm, mount.nfs, cryptsetup, dmsetup
 * (longhorn-manager:controller/monitor/environment_check_monitor.go@v1.11.3). iscsid itself cannot run in a node: its
 * netlink socket exists in the host's network namespace only. V2 volumes do not need it; V1 volumes do not attach in Kind.
 */
const dockerfile = [
  `FROM ${nodeBaseImage}`,
  'RUN apt-get update \\',
  ' && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \\',
  '      open-iscsi nfs-common cryptsetup dmsetup \\',
  ' && rm -rf /var/lib/apt/lists/*',
  '',
].join('\n');

const buildTimeoutMs = 15 * 60_000;

/** The image that nodes run, and in which loop devices are made. */
export function nodeImageOf(name: string, provider: KindProvider): string {
  return provider.nodeImage ?? `v2-verifier-node:${name}`;
}

export function nodeImageStep(name: string, provider: KindProvider, layout: Layout): Step {
  const image = nodeImageOf(name, provider);
  const check = {
    text: `docker image inspect ${image}`,
    look: async (world: World) => {
      const { exitCode } = await world.run(['docker', 'image', 'inspect', '--format', '{{.Id}}', image]);
      return exitCode === 0 ? done(image) : needed(`docker has no image ${image}`);
    },
  };
  const base = { id: 'node-image', title: `node image ${image}`, check };
  if (provider.nodeImage !== undefined) {
    const actions = [command(['docker', 'pull', image], { timeoutMs: buildTimeoutMs })];
    return { ...base, does: { kind: 'actions', actions }, undo: { kind: 'nothing', because: 'the image is yours' } };
  }
  return {
    ...base,
    does: {
      kind: 'actions',
      actions: [
        { kind: 'write', path: layout.dockerfile, text: dockerfile },
        command(['docker', 'build', '--tag', image, dirname(layout.dockerfile)], { timeoutMs: buildTimeoutMs }),
      ],
    },
    undo: { kind: 'actions', there: check, actions: [command(['docker', 'image', 'rm', image])] },
  };
}
