/**
 * What SPDK and Longhorn need of the kernel, which all Kind nodes share with this machine.
 * Sources: longhorn/website:content/docs/<version>/v2-data-engine/{prerequisites,quick-start}.md;
 * longhorn-manager:controller/monitor/environment_check_monitor.go@v1.8.1 and @v1.11.3, which look for the same modules.
 */
import { join } from 'node:path';
import { blocked, done, needed, type Seen, type Step } from '../plan/step.ts';
import type { World } from '../plan/world.ts';
import { isOlder } from './tools.ts';

/** Longhorn's own list, the same from 1.8.0 to 1.12.1: dm_crypt always, the others once V2 is enabled. */
export const kernelModules = ['nvme_tcp', 'vfio_pci', 'uio_pci_generic', 'dm_crypt'] as const;

const nothingToUndo = { kind: 'nothing', because: 'the machine is left as you set it up' } as const;

const oldestKernel = '5.19';
const recommendedKernel = '6.7';

export function kernelVersionStep(): Step {
  return {
    id: 'kernel-version',
    title: `the kernel is ${oldestKernel} or newer (${recommendedKernel} recommended for nvme-tcp)`,
    check: {
      text: 'uname -r',
      async look(world) {
        const release = (await world.files.read('/proc/sys/kernel/osrelease'))?.trim() ?? '';
        const version = /^(\d+\.\d+)/.exec(release)?.[1];
        if (version === undefined) return needed('this is no Linux: V2 needs one');
        if (isOlder(version, oldestKernel)) return needed(`it is ${release}`);
        return done(isOlder(version, recommendedKernel) ? `${release}; older ones had trouble with nvme-tcp` : release);
      },
    },
    does: { kind: 'person', as: 'you', commands: [`# use a machine with Linux ${recommendedKernel} or newer`] },
    undo: nothingToUndo,
  };
}

export function cpuStep(): Step {
  return {
    id: 'cpu',
    title: 'the CPU has SSE4.2, or is no x86',
    check: {
      text: 'grep -m1 sse4_2 /proc/cpuinfo',
      async look(world) {
        const text = (await world.files.read('/proc/cpuinfo')) ?? '';
        const flags = /^flags\s*:(.*)$/m.exec(text)?.[1];
        if (flags === undefined) return done('no x86');
        return /\bsse4_2\b/.test(flags) ? done('sse4_2') : blocked('no sse4_2', 'SPDK does not run on this CPU');
      },
    },
    does: { kind: 'person', as: 'you', commands: ['# SPDK does not run on this CPU'] },
    undo: nothingToUndo,
  };
}

export function kernelModulesStep(): Step {
  return {
    id: 'kernel-modules',
    title: `kernel modules ${kernelModules.join(', ')}`,
    check: { text: `lsmod | grep -E '${kernelModules.join('|')}'`, look: lookForModules },
    does: {
      kind: 'person',
      as: 'root',
      commands: [
        `modprobe -a ${kernelModules.join(' ')}`,
        '# "not found" on Ubuntu: apt-get install -y linux-modules-extra-$(uname -r)',
      ],
    },
    undo: nothingToUndo,
  };
}

async function lookForModules(world: World): Promise<Seen> {
  const release = (await world.files.read('/proc/sys/kernel/osrelease'))?.trim() ?? '';
  const loaded = (await world.files.read('/proc/modules')) ?? '';
  const builtIn = (await world.files.read(join('/lib/modules', release, 'modules.builtin'))) ?? '';
  const missing = kernelModules.filter(
    (module) =>
      !new RegExp(`^${module} `, 'm').test(loaded) &&
      !new RegExp(`/${module.replaceAll('_', '[-_]')}\\.ko`, 'm').test(builtIn),
  );
  if (missing.length === 0) return done('loaded or built in');
  const detail = `not loaded: ${missing.join(', ')}`;
  const folder = `/lib/modules/${release}`;
  if ((await world.files.list(folder)).length > 0) return needed(detail);
  return blocked(
    `${detail}; there is no ${folder}, from which modprobe would load them`,
    'reboot if the kernel was updated since it was started; a kernel that comes without modules cannot run V2: use another machine',
  );
}

/** Of 2 MiB, for each node: 2 GiB, Longhorn's default for spdk_tgt (longhorn/longhorn#7606). */
export const hugePagesPerNode = 1024;
const nrHugePages = '/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages';

/** All Kind nodes draw from one pool, the machine's. */
export function hugePagesStep(nodeCount: number): Step {
  const pages = hugePagesPerNode * nodeCount;
  return {
    id: 'huge-pages',
    title: `${String(pages)} huge pages of 2 MiB (${String(hugePagesPerNode)} for each of ${String(nodeCount)} nodes)`,
    check: {
      text: `cat ${nrHugePages}`,
      async look(world) {
        const text =
          (await world.files.read(nrHugePages)) ??
          /^HugePages_Total:\s*(\d+)/m.exec((await world.files.read('/proc/meminfo')) ?? '')?.[1];
        const have = Number((text ?? '0').trim());
        return have >= pages ? done(String(have)) : needed(`there are ${String(have)}`);
      },
    },
    does: {
      kind: 'person',
      as: 'root',
      commands: [
        `sysctl -w vm.nr_hugepages=${String(pages)}`,
        '# memory too fragmented to get them all: hugepages on the kernel command line, and a reboot',
      ],
    },
    undo: { kind: 'nothing', because: `yours: sysctl -w vm.nr_hugepages=0 gives the memory back` },
  };
}
