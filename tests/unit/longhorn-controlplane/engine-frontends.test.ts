/**
 * From 1.12.0 on a V2 volume's device belongs to an EngineFrontend
 * (longhorn-manager:controller/{volume,engine_frontend}_controller.go@v1.12.1, api/model.go:1573 "For v2, the engine has no endpoint").
 */
import { expect, test } from '@playwright/test';
import { changeOf, eventsAbout, valuesOf } from './bench-history.ts';
import { healthyVolume } from './bench-objects.ts';
import { type Bench, withBench } from './longhorn-bench.ts';

/** What becomes of engine, frontend and volume, each change once. */
function orderOf(bench: Bench): string[] {
  const told = bench.history.flatMap((event) => {
    const engine = changeOf(event, 'engines')?.now.status?.currentState;
    if (engine !== undefined) return [`engine ${engine}`];
    const frontend = changeOf(event, 'enginefrontends')?.now.status;
    if (frontend !== undefined)
      return [`frontend ${frontend.currentState}${frontend.endpoint === '' ? '' : ' with a device'}`];
    const volume = changeOf(event, 'volumes')?.now.status?.state;
    return volume === undefined ? [] : [`volume ${volume}`];
  });
  const last = new Map<string, string>();
  return told.filter((state) => {
    const [who = ''] = state.split(' ');
    const changed = last.get(who) !== state;
    last.set(who, state);
    return changed;
  });
}

const detach = async (bench: Bench): Promise<void> => {
  bench.change('volumeattachments', 'vol', (draft) => {
    Reflect.deleteProperty(draft.spec.attachmentTickets, 'by-test');
  });
  await bench.until('detached', () => bench.object('volumes', 'vol')?.status?.state === 'detached');
};

for (const version of ['1.12.0', '1.12.1'] as const) {
  test(`${version}: a volume is attached when its frontend has the device, and the frontend stops first`, async () => {
    await withBench({ version }, async (bench) => {
      await healthyVolume(bench, 'vol');
      const engine = bench.expectObject('engines', 'vol-e-0');
      expect(engine.status.endpoint).toBe('');
      const frontend = bench.expectObject('enginefrontends', 'vol-ef-0');
      expect(frontend.metadata).toMatchObject({
        finalizers: ['longhorn.io'],
        labels: { longhornvolume: 'vol', longhornnode: 'node1' },
        ownerReferences: [{ kind: 'Volume', name: 'vol' }],
      });
      expect(frontend.spec).toMatchObject({
        volumeName: 'vol',
        engineName: 'vol-e-0',
        nodeID: 'node1',
        desireState: 'running',
        frontend: 'blockdev',
        disableFrontend: false,
        targetIP: engine.status.storageIP,
        targetPort: engine.status.port,
        active: true,
        size: String(64 * 2 ** 20),
      });
      expect(frontend.status).toMatchObject({
        currentState: 'running',
        ownerID: 'node1',
        currentSize: String(64 * 2 ** 20),
      });
      expect(frontend.status.endpoint).not.toBe('');
      const order = orderOf(bench);
      expect(order.slice(order.indexOf('engine running'))).toEqual(
        [
          'engine running',
          'frontend starting',
          'frontend running',
          'frontend running with a device',
          'volume attached',
        ].filter((state) => order.includes(state)),
      );
      // Said in the run after (processEngineSwitchover comes before ReconcileVolumeState).
      await bench.until(
        'the engine’s node',
        () => bench.object('volumes', 'vol')?.status?.['currentEngineNodeID'] === 'node1',
      );
      bench.history.length = 0;
      await detach(bench);
      expect(orderOf(bench).filter((state) => / (stopped|detached)$/.test(state))).toEqual([
        'frontend stopped',
        'engine stopped',
        'volume detached',
      ]);
      expect(bench.expectObject('enginefrontends', 'vol-ef-0').status).toMatchObject({
        endpoint: '',
        currentSize: '0',
        targetIP: '',
        targetPort: 0,
      });
      expect(bench.expectObject('volumes', 'vol').status['currentEngineNodeID']).toBe('');
      expect(eventsAbout(bench, 'EngineFrontend', 'vol-ef-0')).toEqual(['Stop: Stops vol-ef-0']);
    });
  });
}

test('without a frontend a volume is attached as soon as the frontend runs', async () => {
  await withBench({ version: '1.12.1' }, async (bench) => {
    bench.create('Volume', 'volumes', 'vol', {
      spec: { size: String(64 * 2 ** 20), numberOfReplicas: 2, dataEngine: 'v2', frontend: 'blockdev' },
    });
    await bench.until('detached', () => bench.object('volumes', 'vol')?.status?.state === 'detached');
    bench.change('volumeattachments', 'vol', (draft) => {
      draft.spec.attachmentTickets['by-test'] = {
        id: 'by-test',
        type: 'longhorn-api',
        nodeID: 'node1',
        parameters: { disableFrontend: 'true' },
        generation: 0,
      };
    });
    await bench.until('attached', () => bench.object('volumes', 'vol')?.status?.state === 'attached');
    expect(bench.expectObject('enginefrontends', 'vol-ef-0').spec).toMatchObject({
      desireState: 'running',
      disableFrontend: true,
    });
    expect(valuesOf(bench, 'enginefrontends', 'vol-ef-0', ({ status }) => status?.endpoint)).toEqual(['']);
  });
});

test('a larger size is expanded by the frontend’s monitor, and is there when the frontend serves it', async () => {
  await withBench({ version: '1.12.1' }, async (bench) => {
    await healthyVolume(bench, 'vol');
    const size = String(128 * 2 ** 20);
    bench.change('volumes', 'vol', (draft) => {
      draft.spec.size = size;
    });
    await bench.until('required', () => bench.object('volumes', 'vol')?.status?.expansionRequired);
    await bench.until('expanded', () => bench.object('volumes', 'vol')?.status?.expansionRequired === false);
    expect(bench.expectObject('engines', 'vol-e-0').status.currentSize).toBe(size);
    expect(bench.expectObject('enginefrontends', 'vol-ef-0').status.currentSize).toBe(size);
  });
});

test('a deleted volume lets its frontend go before its engine', async () => {
  await withBench({ version: '1.12.1' }, async (bench) => {
    await healthyVolume(bench, 'vol');
    bench.remove('volumes', 'vol');
    await bench.until('gone', () => bench.object('volumes', 'vol') === undefined);
    const goneOf = (plural: 'engines' | 'enginefrontends'): number =>
      bench.history.findIndex((event) => changeOf(event, plural)?.type === 'DELETED');
    const engineMarked = bench.history.findIndex(
      (event) => changeOf(event, 'engines')?.now.metadata.deletionTimestamp !== undefined,
    );
    expect(goneOf('enginefrontends')).toBeGreaterThan(-1);
    expect(engineMarked).toBeGreaterThan(goneOf('enginefrontends'));
  });
});

test('up to 1.11 an engine has its device itself, and there are no frontends', async () => {
  await withBench({ version: '1.11.3' }, async (bench) => {
    await healthyVolume(bench, 'vol');
    await bench.until('a device', () => bench.object('engines', 'vol-e-0')?.status?.endpoint !== '');
    expect(bench.longhorn.customResources.some(({ kind }) => kind === 'EngineFrontend')).toBe(false);
    expect(Object.keys(bench.expectObject('volumes', 'vol').status)).not.toContain('currentEngineNodeID');
  });
});

for (const version of ['1.8.2', '1.11.3', '1.12.1'] as const) {
  test(`${version}: an instance manager tells its instances with all that parseInstance fills in`, async () => {
    await withBench({ version }, async (bench) => {
      await healthyVolume(bench, 'vol');
      const newer = version === '1.12.1' ? { frontend: '' } : {};
      const named = version === '1.8.2' ? {} : { uuid: expect.any(String) as unknown };
      const told = await bench.until('told', () => {
        const status = bench
          .list('instancemanagers')
          .find(({ spec }) => spec.dataEngine === 'v2' && spec.nodeID === 'node1')?.status;
        const { port, uuid } = bench.object('engines', 'vol-e-0')?.status ?? {};
        const engine = status?.instanceEngines?.['vol-e-0'];
        const frontendIsTold = version !== '1.12.1' || status?.instanceEngineFrontends?.['vol-ef-0'] !== undefined;
        return engine !== undefined && frontendIsTold && { engine, port, uuid, status };
      });
      const none = {
        conditions: {},
        endpoint: '',
        errorMsg: '',
        listen: '',
        portEnd: 0,
        portStart: 0,
        resourceVersion: 0,
        ...newer,
        ...named,
      };
      const target = version === '1.12.1' ? 0 : told.port;
      expect(told.engine).toEqual({
        spec: { dataEngine: 'v2', name: 'vol-e-0', ...(version === '1.8.2' ? { backendStoreDriver: '' } : {}) },
        status: {
          ...none,
          type: 'engine',
          state: 'running',
          portStart: told.port,
          portEnd: told.port,
          targetPortStart: target,
          targetPortEnd: target,
        },
      });
      const [replica] = Object.values(told.status?.instanceReplicas ?? {});
      const first = Number(replica?.status['portStart']);
      expect(replica?.status).toEqual({
        ...none,
        type: 'replica',
        state: 'running',
        portStart: first,
        portEnd: first + 4,
        targetPortStart: 0,
        targetPortEnd: 0,
      });
      if (version !== '1.12.1') return;
      expect(told.status?.instanceEngineFrontends?.['vol-ef-0']?.status).toMatchObject({
        ...none,
        endpoint: expect.any(String),
        frontend: 'spdk-tcp-blockdev',
        type: 'engine-frontend',
        state: 'running',
        targetPortStart: told.port,
        targetPortEnd: told.port,
      });
    });
  });
}

test('an instance manager without instances has no maps of them (omitempty in instancemanager.go)', async () => {
  await withBench({ version: '1.12.1' }, async (bench) => {
    await healthyVolume(bench, 'vol');
    await detach(bench);
    await bench.until('no instances', () =>
      bench
        .list('instancemanagers')
        .every(({ status }) => Object.keys(status ?? {}).every((field) => !field.startsWith('instance'))),
    );
  });
});

test('what later releases dropped is there, and empty, in the releases that write it', async () => {
  for (const [version, old, status] of [
    ['1.8.2', true, true],
    ['1.9.2', false, true],
    ['1.10.2', false, false],
  ] as const) {
    await withBench({ version }, async (bench) => {
      await healthyVolume(bench, 'vol');
      const [replica] = bench.list('replicas');
      for (const spec of [
        bench.object('volumes', 'vol')?.spec,
        bench.object('engines', 'vol-e-0')?.spec,
        replica?.spec,
      ]) {
        if (old) expect(spec).toMatchObject({ backendStoreDriver: '', engineImage: '' });
        else expect(Object.keys(spec ?? {})).not.toEqual(expect.arrayContaining(['engineImage']));
      }
      expect(Object.keys(replica?.status ?? {}).includes('evictionRequested')).toBe(status);
      expect(bench.object('volumes', 'vol')?.spec.backingImage).toBe('');
    });
  }
});
