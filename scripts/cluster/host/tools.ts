/** The programs that a set-up calls, and which of their versions it needs. */
import { blocked, done, needed, type Seen, type Step } from '../plan/step.ts';
import type { World } from '../plan/world.ts';

interface Tool {
  readonly name: string;
  readonly argv: readonly string[];
  /** Finds the version in what the command prints. */
  readonly version: RegExp;
  readonly atLeast?: { readonly version: string; readonly because: string };
  readonly install: string;
}

const tools = {
  docker: {
    name: 'docker',
    argv: ['docker', 'version', '--format', '{{.Server.Version}}'],
    version: /^(\d+\.\d+(?:\.\d+)?)/,
    install: 'https://docs.docker.com/engine/install/ and start its daemon; your user must be allowed to use it',
  },
  kind: {
    name: 'kind',
    argv: ['kind', 'version'],
    version: /v(\d+\.\d+\.\d+)/,
    // kubernetes-sigs/kind release notes v0.27.0: its node images have containerd 2, which older kinds cannot configure.
    atLeast: { version: '0.27.0', because: 'older ones cannot start the node image' },
    install: 'https://kind.sigs.k8s.io/docs/user/quick-start/#installation',
  },
  kubectl: {
    name: 'kubectl',
    argv: ['kubectl', 'version', '--client', '-o', 'json'],
    version: /"gitVersion": *"v(\d+\.\d+\.\d+)/,
    install: 'https://kubernetes.io/docs/tasks/tools/',
  },
  helm: {
    name: 'helm',
    argv: ['helm', 'version', '--short'],
    version: /v(\d+\.\d+\.\d+)/,
    atLeast: { version: '3.0.0', because: 'Helm 2 cannot install the chart' },
    install: 'https://helm.sh/docs/intro/install/',
  },
} as const satisfies Record<string, Tool>;

export type ToolName = keyof typeof tools;

export function toolStep(name: ToolName): Step {
  const tool: Tool = tools[name];
  return {
    id: `tool-${name}`,
    title: `${name} is there${name === 'docker' ? ' and its daemon answers' : ''}`,
    check: { text: tool.argv.join(' '), look: (world) => lookForTool(world, name) },
    does: { kind: 'person', as: 'you', commands: [`# install ${name}: ${tool.install}`] },
    undo: { kind: 'nothing', because: 'nothing is installed' },
  };
}

export async function lookForTool(world: World, name: ToolName): Promise<Seen> {
  const tool: Tool = tools[name];
  const result = await world.run(tool.argv);
  if (result.exitCode === 127) return needed(`no ${name} in PATH`);
  const version = tool.version.exec(result.stdout)?.[1];
  if (result.exitCode !== 0 || version === undefined) {
    const said = lastLine(result.stderr) ?? lastLine(result.stdout) ?? 'nothing';
    return blocked(`${tool.argv.join(' ')} ended with ${String(result.exitCode)}: ${said}`, tool.install);
  }
  const { atLeast } = tool;
  if (atLeast !== undefined && isOlder(version, atLeast.version)) {
    return needed(`${name} ${version}; at least ${atLeast.version} is needed: ${atLeast.because}`);
  }
  return done(version);
}

function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1)?.trim() || undefined;
}

/** Compares dotted numbers. */
export function isOlder(version: string, other: string): boolean {
  const [left, right] = [version, other].map((text) => text.split('.').map(Number));
  for (const [index, wanted] of (right ?? []).entries()) {
    const have = left?.[index] ?? 0;
    if (have !== wanted) return have < wanted;
  }
  return false;
}
