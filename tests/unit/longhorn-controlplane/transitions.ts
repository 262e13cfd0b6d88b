/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-assignment -- recorded objects are whatever Longhorn wrote */
/** The states that Longhorn's objects go through, without names and times: the same view of a recording and of ours. */

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- recorded objects are whatever Longhorn wrote
type Json = any;

export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: Json;
}

/** What one object went through, in order, each state once: `volume` → `['attached healthy', 'attached degraded']`. */
export type Tracks = Record<string, string[]>;

const numberedKinds: Readonly<Record<string, string>> = { Replica: 'replica', BackingImageManager: 'image manager' };

/** Objects with random names are numbered in the order in which they appear. */
class Aliases {
  private readonly names = new Map<string, string[]>();

  of(kind: string, name: string): string {
    const prefix = numberedKinds[kind] ?? kind;
    const known = this.names.get(kind) ?? [];
    this.names.set(kind, known);
    if (!known.includes(name)) known.push(name);
    return `${prefix} ${String(known.indexOf(name) + 1)}`;
  }
}

function sorted(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${value}`)
    .sort()
    .join(', ');
}

/** `[track, state]` of one change; empty for what says nothing. */
function statesOf({ type, object }: Change, aliases: Aliases): [track: string, state: string][] {
  const { kind, metadata, spec = {}, status } = object;
  const life = type === 'DELETED' ? 'gone' : metadata.deletionTimestamp === undefined ? '' : 'terminating ';
  const state = (text: string): string => (life === 'gone' ? life : `${life}${text}`);
  if (kind === 'Event')
    return object.involvedObject.kind === 'Pod' ? [] : [[`events of ${object.involvedObject.kind}`, object.reason]];
  if (status === undefined) return [];
  switch (kind) {
    case 'Volume':
      return [['volume', state([status.state, status.robustness].filter((part: string) => part !== '').join(' '))]];
    case 'Engine': {
      const modes = Object.entries((status.replicaModeMap ?? {}) as Record<string, string>).map(
        ([name, mode]): [string, string] =>
          name.startsWith('UNKNOWN-') ? ['unknown address', ''] : [aliases.of('Replica', name), mode],
      );
      const run = `wants ${spec.desireState}, is ${status.currentState}`;
      return [
        ['engine', state(run)],
        ['modes', sorted(Object.fromEntries(modes))],
      ];
    }
    case 'Replica': {
      const marks = `${spec.healthyAt ? ', healthy' : ''}${spec.failedAt ? ', failed' : ''}`;
      return [[aliases.of(kind, metadata.name), state(`wants ${spec.desireState}, is ${status.currentState}${marks}`)]];
    }
    case 'VolumeAttachment': {
      const tickets = Object.entries((status.attachmentTicketStatuses ?? {}) as Record<string, { satisfied: boolean }>);
      const answers = tickets.map(([id, { satisfied }]): [string, string] => [
        /^snapshot-controller/.test(id) ? 'snapshot' : 'user',
        satisfied ? 'satisfied' : 'unsatisfied',
      ]);
      return [['attachment', state(sorted(Object.fromEntries(answers)))]];
    }
    case 'Snapshot': {
      const track = spec.createSnapshot === true ? 'user snapshot' : 'rebuild snapshot';
      return [[track, state(status.readyToUse === true ? 'ready' : 'not ready')]];
    }
    case 'BackingImage': {
      const files = Object.values((status.diskFileStatusMap ?? {}) as Record<string, { state: string }>).map(
        (file) => file.state,
      );
      return [
        [
          'image',
          state(
            files
              .filter((file) => file !== '')
              .sort()
              .join(', '),
          ),
        ],
      ];
    }
    case 'BackingImageDataSource':
      return [['image source', state(`${status.currentState}${spec.fileTransferred === true ? ', transferred' : ''}`)]];
    case 'BackingImageManager': {
      const files = Object.values((status.backingImageFileMap ?? {}) as Record<string, { state: string }>).map(
        (file) => file.state,
      );
      return [[aliases.of(kind, metadata.name), state([status.currentState, ...files].join(', '))]];
    }
    default:
      return [];
  }
}

/**
 * The tracks of each step. A step's tracks begin with the state that they had before it; a track without a change in
 * a step is absent from it.
 */
export function tracksByStep(
  steps: readonly { readonly name: string; readonly changes: readonly Change[] }[],
): Record<string, Tracks> {
  const aliases = new Aliases();
  const last = new Map<string, string>();
  return Object.fromEntries(
    steps.map(({ name, changes }) => {
      const tracks: Tracks = {};
      for (const [track, state] of changes.flatMap((change) => statesOf(change, aliases))) {
        const isEvent = track.startsWith('events of ');
        const before = isEvent ? tracks[track]?.at(-1) : last.get(track);
        if (before === state) continue;
        tracks[track] ??= before === undefined || isEvent ? [] : [before];
        tracks[track].push(state);
        last.set(track, state);
      }
      return [name, tracks];
    }),
  );
}
