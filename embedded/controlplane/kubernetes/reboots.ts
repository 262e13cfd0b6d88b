import type { ClusterContext } from './context.ts';
import type { Kubelets } from './kubelet/kubelet.ts';

/** On a Node: lose power, and be back after that many seconds of the cluster's time. It is taken off when that is done. */
export const rebootAnnotation = 'embedded.v2-verifier/reboot-seconds';

export interface Reboots {
  /** Resolves when no node is on its way. */
  idle(): Promise<void>;
}

/**
 * Nodes that lose power when they are asked to: `kubectl annotate node NAME embedded.v2-verifier/reboot-seconds=60`. The
 * node is not ready until it is back, and its pods are as the kubelet left them.
 */
export function startReboots(
  context: ClusterContext,
  parts: {
    kubelets: () => Promise<Kubelets>;
    onPower: (node: string, power: 'off' | 'on') => Promise<void>;
  },
): Reboots {
  const { nodes } = context.resources;
  const running = new Map<string, Promise<void>>();

  function setReady(name: string, status: 'True' | 'Unknown'): void {
    const node = nodes.get(name);
    if (node === undefined) return;
    nodes.editStatus(node, (draft) => {
      const timestamp = context.clock.timestamp();
      const conditions = (draft.status as { conditions?: Record<string, unknown>[] } | undefined)?.conditions ?? [];
      for (const condition of conditions) {
        if (condition['type'] !== 'Ready') continue;
        const [reason, message] =
          status === 'True'
            ? ['KubeletReady', 'kubelet is posting ready status']
            : ['NodeStatusUnknown', 'Kubelet stopped posting node status.'];
        Object.assign(condition, { status, reason, message, lastTransitionTime: timestamp });
      }
    });
  }

  async function reboot(name: string, seconds: number): Promise<void> {
    const kubelets = await parts.kubelets();
    await Promise.all([kubelets.powerOff(name), parts.onPower(name, 'off')]);
    setReady(name, 'Unknown');
    await context.clock.sleep(seconds, context.signal);
    await parts.onPower(name, 'on');
    setReady(name, 'True');
    kubelets.powerOn(name);
    const node = nodes.get(name);
    if (node === undefined) return;
    nodes.edit(node, (draft) => {
      const { [rebootAnnotation]: _done, ...rest } = draft.metadata.annotations ?? {};
      draft.metadata.annotations = rest;
    });
  }

  nodes.watch(({ object }) => {
    const { name, annotations } = object.metadata;
    const seconds = Number(annotations?.[rebootAnnotation]);
    if (!(seconds >= 0) || running.has(name)) return;
    const done = reboot(name, seconds)
      .catch((error: unknown) => {
        if (!context.signal.aborted) console.error(`node ${name} did not come back:`, error);
      })
      .finally(() => running.delete(name));
    running.set(name, done);
  });
  return {
    async idle() {
      await Promise.all(running.values());
    },
  };
}
