import type { KubeObject } from '../apiserver/store.ts';

/** What a container of an image runs when its spec says nothing else. */
export type ImageProgram =
  /** A process of this machine; `entrypoint` and `command` are the image's, as in its Dockerfile. */
  | { kind: 'host'; entrypoint: readonly string[]; command: readonly string[] }
  /** Runs for ever without a process; exec works. */
  | { kind: 'idle' };

export interface ImageEnvironment {
  /** Searched before the machine's own programs. */
  pathDirs: readonly string[];
  env: Readonly<Record<string, string>>;
}

export interface Image {
  readonly program: ImageProgram;
  /** A directory of this machine that stands for the image's WORKDIR; by default the container's own `/`. */
  readonly workingDirectory?: string;
  /** Asked at every start of a container and at every exec. */
  readonly environment?: (pod: KubeObject) => ImageEnvironment;
}

export interface ImageCatalog {
  /** The image as a pod names it, with registry, tag and digest as they come; undefined when it cannot be pulled. */
  find(image: string): Image | undefined;
  /** A later registration wins over an earlier one. `*` in the pattern stands for any text. */
  register(pattern: string, image: Image): void;
  /** The patterns, for messages. */
  patterns(): readonly string[];
}

/** `docker.io/library/node:22@sha256:…` is `node`; other registries stay in the name. */
function imageRepository(image: string): string {
  const withoutDigest = image.replace(/@.*$/, '');
  const withoutTag = withoutDigest.replace(/:[^/:]*$/, '');
  return withoutTag.replace(/^(index\.)?docker\.io\//, '').replace(/^library\//, '');
}

/** The name under which a container runtime resolves it, for messages: with registry and tag. */
export function imageReference(image: string): string {
  const repository = imageRepository(image);
  const first = repository.split('/')[0] ?? '';
  const hasRegistry = repository.includes('/') && (/[.:]/.test(first) || first === 'localhost');
  const full = hasRegistry ? repository : `docker.io/${repository.includes('/') ? '' : 'library/'}${repository}`;
  const digest = /@.*$/.exec(image)?.[0];
  const tag = /:[^/:@]*$/.exec(image.replace(/@.*$/, ''))?.[0] ?? ':latest';
  return `${full}${digest ?? tag}`;
}

function matches(pattern: string, repository: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`).test(repository);
}

const shell: Image = { program: { kind: 'host', entrypoint: [], command: ['sh'] } };
const node: Image = { program: { kind: 'host', entrypoint: ['docker-entrypoint.sh'], command: ['node'] } };
const idle: Image = { program: { kind: 'idle' } };

const standardImages: Readonly<Record<string, Image>> = {
  node,
  busybox: shell,
  alpine: shell,
  debian: shell,
  ubuntu: shell,
  bash: { program: { kind: 'host', entrypoint: [], command: ['bash'] } },
  'registry.k8s.io/pause*': idle,
  'longhornio/*': idle,
};

/**
 * The images that the embedded cluster can run: nothing is pulled, each is a way of running programs of this machine.
 * `node` runs this process's own Node.js, the distributions run the machine's tools, Longhorn's own pods idle.
 */
export function createImageCatalog(images: Readonly<Record<string, Image>>): ImageCatalog {
  const entries = Object.entries({ ...standardImages, ...images });
  return {
    find(image) {
      const repository = imageRepository(image);
      return entries.findLast(([pattern]) => matches(pattern, repository))?.[1];
    },
    register(pattern, image) {
      entries.push([pattern, image]);
    },
    patterns: () => entries.map(([pattern]) => pattern),
  };
}
