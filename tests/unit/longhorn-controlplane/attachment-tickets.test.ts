/** Which ticket has the volume, and what the others are told (longhorn-manager:controller/volume_attachment_controller.go@v1.12.1). */
import { expect, test } from '@playwright/test';
import { healthyVolume } from './bench-objects.ts';
import { type Bench, startBench } from './longhorn-bench.ts';

async function withVolume(body: (bench: Bench) => Promise<void>): Promise<void> {
  const bench = await startBench({ version: '1.12.1' });
  try {
    await healthyVolume(bench, 'vol');
    await body(bench);
  } finally {
    await bench.close();
  }
}

function put(bench: Bench, id: string, type: string, nodeID: string, disableFrontend?: string): void {
  bench.change('volumeattachments', 'vol', (draft) => {
    draft.spec.attachmentTickets[id] = {
      id,
      type,
      nodeID,
      ...(disableFrontend === undefined ? {} : { parameters: { disableFrontend } }),
    };
  });
}

function told(bench: Bench, id: string): Promise<unknown[]> {
  return bench.until(`a status of ${id}`, () => {
    const status = bench.object('volumeattachments', 'vol')?.status?.attachmentTicketStatuses[id];
    const [condition] = status?.conditions ?? [];
    return condition === undefined
      ? undefined
      : [status?.satisfied, condition.status, condition.reason, condition.message];
  });
}

test('tickets elsewhere, or with other parameters, are told why they wait', async () => {
  await withVolume(async (bench) => {
    put(bench, 'away', 'longhorn-api', 'node2');
    expect(await told(bench, 'away')).toEqual([
      false,
      'False',
      '',
      'the volume is currently attached to different node node1 ',
    ]);
    put(bench, 'mute', 'longhorn-api', 'node1', 'true');
    expect(await told(bench, 'mute')).toEqual([
      false,
      'False',
      'AttachedWithIncompatibleParameters',
      'volume vol has already attached to node node1 with incompatible parameters',
    ]);
    put(bench, 'any', 'snapshot-controller', 'node1', 'any');
    expect(await told(bench, 'any')).toEqual([true, 'True', '', '']);
  });
});

test('a workload elsewhere interrupts a snapshot, but no eviction', async () => {
  for (const [type, node] of [
    ['snapshot-controller', 'node2'],
    ['volume-eviction-controller', 'node1'],
  ] as const) {
    await withVolume(async (bench) => {
      put(bench, 'own', type, 'node1', 'any');
      await told(bench, 'own');
      bench.change('volumeattachments', 'vol', (draft) => {
        Reflect.deleteProperty(draft.spec.attachmentTickets, 'by-test');
      });
      put(bench, 'pod', 'csi-attacher', 'node2');
      await told(bench, 'pod');
      if (node === 'node2')
        await bench.until('moved', () => bench.object('volumes', 'vol')?.status?.currentNodeID === node);
      else
        await bench.until(
          'one more sync',
          () => bench.object('volumeattachments', 'vol')?.status?.attachmentTicketStatuses['by-test'] === undefined,
        );
      expect(bench.object('volumes', 'vol')?.spec.nodeID).toBe(node);
    });
  }
});
