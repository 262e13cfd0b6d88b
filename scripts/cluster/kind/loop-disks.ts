/**
 * Block disks of Kind nodes: sparse files, loop devices over them, and links with fixed names. Loop devices need root,
 * which a privileged container has; whoever may use docker may do that.
 */
import { basename, join } from 'node:path';
import { deviceDirectory, type Layout, type LoopDisk } from '../layout.ts';
import { type Action, command, done, needed, type Check, type Step } from '../plan/step.ts';
import type { World } from '../plan/world.ts';

export const diskFilesStep = 'disk-files';

export function diskFileSteps(disks: readonly LoopDisk[], layout: Layout): Step {
  const files = disks.map(({ file }) => file);
  return {
    id: diskFilesStep,
    title: `${String(files.length)} sparse files for block disks`,
    check: {
      text: `ls ${layout.disksDirectory}`,
      look: async (world) => {
        const missing = await missingFiles(world, layout, files);
        return missing.length === 0 ? done(layout.disksDirectory) : needed(`missing: ${missing.join(', ')}`);
      },
    },
    does: {
      kind: 'actions',
      actions: [
        command(['mkdir', '-p', layout.disksDirectory]),
        ...disks.map(({ file, bytes }) => command(['truncate', '--size', String(bytes), file])),
      ],
    },
    undo: {
      kind: 'actions',
      there: {
        text: `ls ${layout.disksDirectory}`,
        look: async (world) => {
          const missing = await missingFiles(world, layout, files);
          const present = files.length - missing.length;
          return present === 0 ? needed('none is there') : done(`${String(present)} are there`);
        },
      },
      actions: [command(['rm', '-f', ...files])],
    },
  };
}

async function missingFiles(world: World, layout: Layout, files: readonly string[]): Promise<string[]> {
  const present = await world.files.list(layout.disksDirectory);
  return files.map((file) => basename(file)).filter((file) => !present.includes(file));
}

export function loopDeviceSteps(disks: readonly LoopDisk[], image: string, layout: Layout): Step[] {
  return disks.map((disk) => {
    const file = basename(disk.file);
    const check = attachedCheck(disk);
    return {
      id: `loop-${basename(disk.path)}`,
      title: `loop device ${disk.path}`,
      check,
      does: { kind: 'actions', actions: [attach(disk, file, image, layout)] },
      undo: { kind: 'actions', there: check, actions: [detach(disk, file, image, layout)] },
    };
  });
}

/** Seen without root: the link, and the kernel's word for what is behind the device. */
function attachedCheck(disk: LoopDisk): Check {
  return {
    text: `losetup --list $(readlink -f ${disk.path})`,
    look: async (world) => {
      const target = await world.files.linkTarget(disk.path);
      if (target === undefined) return needed('not there');
      const device = basename(target);
      // The path is as the kernel sees it from the mount it was opened through, so only its end is sure.
      const backing = (await world.files.read(join('/sys/block', device, 'loop', 'backing_file')))?.trim();
      if (backing === undefined) return needed(`it leads to ${device}, which has no file`);
      return backing.endsWith(`/${basename(disk.file)}`) ? done(device) : needed(`${device} belongs to ${backing}`);
    },
  };
}

function attach(disk: LoopDisk, file: string, image: string, layout: Layout): Action {
  return inContainer(image, layout, [
    `device=$(losetup --noheadings --output NAME --associated /disks/${file})`,
    `test -n "$device" || device=$(losetup --find --show /disks/${file})`,
    `mkdir -p ${deviceDirectory}`,
    // Relative, so that it leads to the same device where the host's /dev is mounted as /host/dev.
    `ln -sfn "../\${device##*/}" ${disk.path}`,
  ]);
}

function detach(disk: LoopDisk, file: string, image: string, layout: Layout): Action {
  return inContainer(image, layout, [
    `for device in $(losetup --noheadings --output NAME --associated /disks/${file}); do losetup --detach "$device"; done`,
    `rm -f ${disk.path}`,
    `rmdir --ignore-fail-on-non-empty ${deviceDirectory}`,
  ]);
}

function inContainer(image: string, layout: Layout, script: readonly string[]): Action {
  const mounts = ['--volume', '/dev:/dev', '--volume', `${layout.disksDirectory}:/disks`];
  const run = ['docker', 'run', '--rm', '--privileged', '--network', 'none', ...mounts];
  return command([...run, '--entrypoint', '/bin/sh', image, '-ec', script.join('; ')]);
}
