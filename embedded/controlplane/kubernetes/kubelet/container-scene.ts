import { mkdir } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { createPathRewriter } from '../../../runtime/path-rewriting.ts';
import type { ContainerScene } from '../../../runtime/container-scene.ts';
import type { PodPaths } from '../../../runtime/contract.ts';
import type { Image } from '../../../runtime/image-catalog.ts';
import type { ToolDirectory } from '../../../runtime/tool-directory.ts';
import type { PodIdentity, Resources } from '../context.ts';
import type { Container, Pod } from '../objects/pod.ts';
import { declaredVariables, expandVariables } from './container-environment.ts';

export interface PreparedContainer {
  readonly scene: ContainerScene;
  /** The program with its arguments, paths rewritten; undefined for an image that idles. */
  readonly argv: readonly string[] | undefined;
}

export interface ContainerPreparation {
  resources: Resources;
  identity: PodIdentity | undefined;
  pod: Pod;
  container: Container;
  image: Image;
  paths: PodPaths;
  podIp: string;
  tools: ToolDirectory;
  /** Stands for the container's `/`. */
  rootDirectory: string;
}

/** A declared mount may be a directory inside of a volume (`subPath`) that does not exist yet. */
async function createMountDirectories(paths: PodPaths): Promise<void> {
  for (const target of Object.values(paths.rewrites)) {
    if (target.startsWith('/')) {
      await mkdir(dirname(target), { recursive: true });
    }
  }
}

async function workingDirectory(options: ContainerPreparation, rewrite: (text: string) => string): Promise<string> {
  const { workingDir } = options.container;
  if (workingDir === undefined && options.image.workingDirectory !== undefined) return options.image.workingDirectory;
  const declared = workingDir ?? '/';
  const rewritten = rewrite(declared);
  const directory = rewritten === declared ? join(options.rootDirectory, declared) : rewritten;
  await mkdir(directory, { recursive: true });
  return directory;
}

/** Of the service `kubernetes`, which every container is told about. kubernetes:pkg/kubelet/kubelet_pods.go getServiceEnvVarMap */
function apiAddress(identity: PodIdentity | undefined): Record<string, string> {
  if (identity === undefined) return {};
  const port = String(identity.port);
  return { KUBERNETES_SERVICE_HOST: identity.host, KUBERNETES_SERVICE_PORT: port, KUBERNETES_SERVICE_PORT_HTTPS: port };
}

function commandOf(options: ContainerPreparation, variables: Readonly<Record<string, string>>): string[] | undefined {
  const { container, image } = options;
  if (image.program.kind === 'idle') {
    return undefined;
  }
  const given = container.command?.length ? container.command : undefined;
  // As for Docker: an own command drops the image's arguments too.
  const args = container.args?.length ? container.args : given === undefined ? image.program.command : [];
  return [...(given ?? image.program.entrypoint), ...args].map((word) => expandVariables(word, variables));
}

/** Works out what a container runs and sees. Throws ContainerConfigError as kubelet would refuse to create it. */
export async function prepareContainer(options: ContainerPreparation): Promise<PreparedContainer> {
  const { resources, pod, container, image, podIp, tools, rootDirectory } = options;
  const rewrite = createPathRewriter(options.paths);
  const variables = declaredVariables(resources, pod, container);
  const own = image.environment?.(pod);
  const temporary = join(rootDirectory, 'tmp');
  const home = join(rootDirectory, 'root');
  await Promise.all([
    createMountDirectories(options.paths),
    mkdir(temporary, { recursive: true }),
    mkdir(home, { recursive: true }),
  ]);
  const env = {
    HOSTNAME: pod.spec.hostname ?? pod.metadata.name,
    HOME: home,
    TMPDIR: temporary,
    LANG: 'C.UTF-8',
    ...apiAddress(options.identity),
    ...tools.nodeEnvironment(podIp),
    ...own?.env,
    PATH: [...(own?.pathDirs ?? []), tools.path].join(delimiter),
    ...Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, rewrite(value)])),
  };
  const cwd = await workingDirectory(options, rewrite);
  return { scene: { env, cwd, rewrite }, argv: commandOf(options, variables)?.map(rewrite) };
}
