import { readFileSync } from 'node:fs';
import { backingImages, engines, replicas, volumes } from '../../../helpers/longhorn/kinds.ts';
import type { SubjectView } from '../../../helpers/longhorn/subject.ts';

export function recordedText(file: string): string {
  return readFileSync(new URL(`recorded/${file}`, import.meta.url), 'utf8');
}

type Line =
  | { readonly tMs: number; readonly note: string }
  | {
      readonly tMs: number;
      readonly kind: string;
      readonly type: string;
      readonly object: { metadata: { name: string } };
    };

const kinds = { volumes, engines, replicas, backingimages: backingImages } as const;

/**
 * Replays recorded watch events between two notes: `onView` sees the objects after each event, as an informer would.
 * Events before `from` build up the state.
 */
export function replay(options: { from: string; to: string; onView: (view: SubjectView, tMs: number) => void }): void {
  const state = new Map<string, Map<string, unknown>>();
  let active = false;
  for (const text of recordedText('transitions-1.12.1.jsonl').trim().split('\n')) {
    const line = JSON.parse(text) as Line;
    if ('note' in line) {
      if (line.note.startsWith(options.to)) return;
      if (line.note.startsWith(options.from)) active = true;
    } else if (line.kind in kinds) {
      const objects = state.get(line.kind) ?? new Map<string, unknown>();
      state.set(line.kind, objects);
      if (line.type === 'DELETED') objects.delete(line.object.metadata.name);
      else objects.set(line.object.metadata.name, kinds[line.kind as keyof typeof kinds].parse(line.object));
    }
    if (active) options.onView(viewOf(state), line.tMs);
  }
}

function viewOf(state: ReadonlyMap<string, ReadonlyMap<string, unknown>>): SubjectView {
  const all = (kind: string): never[] => [...(state.get(kind)?.values() ?? [])] as never[];
  return { volumes: all('volumes'), engines: all('engines'), replicas: all('replicas') };
}
