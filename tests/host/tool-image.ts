import { copyFile, mkdir, mkdtemp, readlink, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { execa } from 'execa';

/** What the containers that make loop devices call (`scripts/cluster/kind/loop-disks.ts`), and what the tests call there. */
const programs = ['sh', 'losetup', 'mkdir', 'ln', 'rm', 'rmdir', 'dd'];

/**
 * A docker image of a few programs of this machine and the libraries that they load, so that nothing is pulled.
 * Throws where one of them is missing or docker refuses.
 */
export async function makeToolImage(image: string): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'verifier-tool-image-'));
  try {
    await copyTopLinks(root);
    for (const program of programs) {
      const path = await pathOf(program);
      for (const file of [path, ...(await librariesOf(path))]) await copyInto(root, file);
    }
    const tar = await execa('tar', ['--directory', root, '--create', '.'], { encoding: 'buffer' });
    const path = 'ENV PATH=/usr/sbin:/usr/bin:/sbin:/bin';
    await execa('docker', ['import', '--change', path, '-', image], { input: tar.stdout });
  } finally {
    await rm(root, { recursive: true });
  }
}

/** `/bin` and its like, where they are links into `/usr`. */
async function copyTopLinks(root: string): Promise<void> {
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    const target = await readlink(join('/', name)).catch(() => undefined);
    if (target !== undefined) await symlink(target, join(root, name));
  }
}

async function copyInto(root: string, file: string): Promise<void> {
  const directory = join(root, await realpath(dirname(file)));
  await mkdir(directory, { recursive: true });
  await copyFile(file, join(directory, basename(file)));
}

async function pathOf(program: string): Promise<string> {
  const { stdout } = await execa('sh', ['-c', `PATH=$PATH:/usr/sbin:/sbin command -v ${program}`]);
  return stdout.trim();
}

/** The loader and every library that it maps, as ldd prints them; none of a static program. */
async function librariesOf(path: string): Promise<string[]> {
  const { stdout } = await execa('ldd', [path], { reject: false });
  return [...stdout.matchAll(/(\/\S+\.so\S*)/g)].flatMap((match) => match[1] ?? []);
}
