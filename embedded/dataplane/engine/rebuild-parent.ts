/** What a rebuilt snapshot hangs on: releases look it up in different ways, and some of them wrongly. */
import { SpdkError } from '../blobstore/errors.ts';
import type { Lvol } from '../blobstore/lvol.ts';
import { imageNameOf, isBackingImageLvol, snapshotLvolName, snapshotNameOf } from '../lvol-names.ts';
import { parentName } from './replica-chain.ts';
import type { Replica } from './replica.ts';
import type { SourceSnapshot } from './source-snapshots.ts';

/** Name of the lvol that the release hangs a rebuilt snapshot on, or ''. @throws SpdkError ENODEV where the images differ */
export function parentFor(replica: Replica, snapshot: SourceSnapshot): string {
  const own = replica.backingImage();
  if (snapshot.parent === '') return '';
  if (!isBackingImageLvol(snapshot.parent)) return snapshotLvolName(replica.name, snapshot.parent);
  switch (replica.services.profile.rebuildParentLookup) {
    case 'source-lvol-name':
      // The source's lvol name has the source disk's UUID in it: on another disk it is looked up as a snapshot.
      return own?.name === snapshot.parent ? snapshot.parent : snapshotLvolName(replica.name, snapshot.parent);
    case 'reported-empty':
      return '';
    case 'own-backing-image':
      if (own === undefined || imageNameOf(own.name) !== imageNameOf(snapshot.parent)) {
        throw new SpdkError(
          'ENODEV',
          `backing image ${own?.name ?? '(none)'} of replica ${replica.name} does not match that of the source, ${snapshot.parent}`,
        );
      }
      return own.name;
  }
}

/** Gives a rebuilt snapshot the parent that it must have, where it has another one. */
export function hangOnParent(options: {
  replica: Replica;
  lvol: Lvol;
  snapshot: SourceSnapshot;
  /** What `parentFor` led to. */
  parent: Lvol | undefined;
}): void {
  const { replica, lvol, snapshot, parent } = options;
  const { name, store, services } = replica;
  const { parent: reported } = snapshot;
  const { reusedParentLookup: lookup } = services.profile;
  const [has, own] = [parentName(lvol), parent?.name ?? ''];
  const isRight = lookup === 'source-name' ? snapshotNameOf(name, has) === reported : has === own;
  if (isRight) return;
  const wanted = lookup === 'source-name' ? reported : own;
  if (wanted === '') store.detachParent(lvol);
  else store.setParent(lvol, store.get(lookup === 'own-name' ? own : reported));
}
