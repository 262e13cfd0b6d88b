/** What a process inside a container sees: the same for the container's own program and for exec. */
export interface ContainerScene {
  /** The whole environment, paths rewritten. */
  readonly env: Readonly<Record<string, string>>;
  /** A directory of this machine. */
  readonly cwd: string;
  /** Turns the pod's paths in a text into this machine's. */
  readonly rewrite: (text: string) => string;
}
