/**
 * What is known of a cluster that `cluster:up` began: the request, and how far each step got. Written before a step
 * starts, so that `cluster:down` knows of it even after a power cut.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../command-line/usage-error.ts';
import type { StepProgress } from './plan/world.ts';
import type { ClusterRequest } from './request.ts';

const fileName = 'cluster.json';

interface Content {
  readonly format: 1;
  readonly request: ClusterRequest;
  steps: Readonly<Record<string, { readonly startedAt: string; readonly endedAt?: string }>>;
}

export class ClusterRecord {
  readonly #path: string;
  readonly #content: Content;

  private constructor(path: string, content: Content) {
    this.#path = path;
    this.#content = content;
  }

  get request(): ClusterRequest {
    return this.#content.request;
  }

  /** Names of all clusters that have a record below that folder. */
  static async names(stateDir: string): Promise<string[]> {
    const names = await readdir(stateDir).catch(() => []);
    return names.filter((name) => existsSync(join(stateDir, name, fileName)));
  }

  /** The record of that directory; undefined when there is none. @throws UsageError when it cannot be read as one */
  static async read(directory: string): Promise<ClusterRecord | undefined> {
    const path = join(directory, fileName);
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    });
    if (text === undefined) return undefined;
    return new ClusterRecord(path, parseContent(path, text));
  }

  /** A record for that request, new or of an earlier attempt. @throws UsageError when it is of another request */
  static async open(directory: string, request: ClusterRequest): Promise<ClusterRecord> {
    const existing = await ClusterRecord.read(directory);
    if (existing === undefined) {
      return new ClusterRecord(join(directory, fileName), { format: 1, request, steps: {} });
    }
    const changed = differences(existing.request, request);
    if (changed.length > 0) {
      throw new UsageError(
        `cluster ${request.name} was begun with other options (${changed.join(', ')}): ` +
          `give the same ones, another --name, or first: npm run cluster:down -- --name ${request.name}`,
      );
    }
    return existing;
  }

  progressOf(step: string): StepProgress {
    const entry = this.#content.steps[step];
    if (entry === undefined) return 'never';
    return entry.endedAt === undefined ? 'started' : 'ended';
  }

  async started(step: string): Promise<void> {
    await this.#put(step, { startedAt: new Date().toISOString() });
  }

  async ended(step: string): Promise<void> {
    const startedAt = this.#content.steps[step]?.startedAt ?? new Date().toISOString();
    await this.#put(step, { startedAt, endedAt: new Date().toISOString() });
  }

  async forget(step: string): Promise<void> {
    this.#content.steps = Object.fromEntries(Object.entries(this.#content.steps).filter(([id]) => id !== step));
    await this.#save();
  }

  /** Removes the record with its directory, which holds nothing any more that somebody might miss. */
  async remove(): Promise<void> {
    await rm(join(this.#path, '..'), { recursive: true, force: true });
  }

  async #put(step: string, entry: Content['steps'][string]): Promise<void> {
    this.#content.steps = { ...this.#content.steps, [step]: entry };
    await this.#save();
  }

  async #save(): Promise<void> {
    await mkdir(join(this.#path, '..'), { recursive: true });
    const temporary = `${this.#path}.new`;
    await writeFile(temporary, `${JSON.stringify(this.#content, null, 2)}\n`);
    await rename(temporary, this.#path);
  }
}

function parseContent(path: string, text: string): Content {
  try {
    const content = JSON.parse(text) as Partial<Content>;
    if (content.format === 1 && content.request !== undefined && content.steps !== undefined) return content as Content;
  } catch (error) {
    throw new UsageError(`${path} is not JSON: remove it once you have removed the cluster`, { cause: error });
  }
  throw new UsageError(`${path} is not the record of a cluster`);
}

/** Names of the fields in which two requests differ, as far as what is made depends on them. */
function differences(before: ClusterRequest, now: ClusterRequest): string[] {
  const shown = (request: ClusterRequest): Record<string, string> =>
    Object.fromEntries(
      Object.entries({ ...request, ...request.provider, probeImage: undefined, provider: undefined }).flatMap(
        ([key, value]: [string, unknown]) => (value === undefined ? [] : [[key, JSON.stringify(value)]]),
      ),
    );
  const [old, fresh] = [shown(before), shown(now)];
  const keys = [...new Set([...Object.keys(old), ...Object.keys(fresh)])];
  return keys
    .filter((key) => old[key] !== fresh[key])
    .map((key) => `${key === 'kind' ? 'provider' : key}: ${old[key] ?? 'none'} then, ${fresh[key] ?? 'none'} now`);
}
