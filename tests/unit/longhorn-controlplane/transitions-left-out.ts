/** What a V2 volume goes through otherwise than the recorded V1 one, and why. */
export interface DifferingTrack {
  readonly step: string;
  readonly tracks: readonly string[];
  /**
   * `more`: the recorded states in their order, and others between; `fewer`: some of the recorded states in their
   * order, or none; a list: exactly these.
   */
  readonly seen: 'more' | 'fewer' | readonly string[];
  readonly reason: string;
}

const noImage =
  'the V1 volume had the image and copied it to a third disk; 1.12.1 refuses V2 images, so the V2 volume has none';
const mergesSnapshot =
  'V1 marks the snapshot of a rebuild as removed until the volume goes; the purge of V2 merges it into the head (facts of spdk-engine)';
const noFrontends =
  'V1 engines have their device themselves; of V2 a frontend has it, which starts after its engine and stops before';
const chance =
  'how far the next replacement got when the ticket was removed is chance; in virtual time it is always as far as this';

export const differing: readonly DifferingTrack[] = [
  {
    step: 'image',
    tracks: ['image', 'image source'],
    seen: 'more',
    reason: 'the recorded download was over before it was first asked; here the states on the way are seen too',
  },
  {
    step: 'attach',
    tracks: ['image', 'image manager 3', 'events of BackingImage', 'events of BackingImageManager'],
    seen: 'fewer',
    reason: noImage,
  },
  { step: 'attach', tracks: ['events of EngineFrontend'], seen: ['Start'], reason: noFrontends },
  { step: 'detach', tracks: ['events of EngineFrontend'], seen: ['Stop'], reason: noFrontends },
  {
    step: 'rebuild',
    tracks: ['modes'],
    seen: 'fewer',
    reason:
      'the rebuild of an empty V2 volume is over between two polls of 5 s, so WO is not seen; that of V1 took longer',
  },
  {
    step: 'rebuild',
    tracks: ['events of Engine'],
    seen: 'more',
    reason: 'raid1 may report the dead replica in error once before it is removed, which is an event Faulted',
  },
  {
    step: 'rebuild',
    tracks: ['rebuild snapshot'],
    seen: ['ready', 'terminating ready', 'gone'],
    reason: mergesSnapshot,
  },
  { step: 'rebuild', tracks: ['events of Snapshot'], seen: 'fewer', reason: mergesSnapshot },
  {
    step: 'second deletion and snapshot',
    tracks: ['modes', 'events of Engine'],
    seen: 'more',
    reason: 'raid1 may report the dead replica in error once before it is removed, which is an event Faulted',
  },
  {
    step: 'second deletion and snapshot',
    tracks: ['attachment'],
    seen: 'more',
    reason: 'the ticket of the snapshot may go before the dead replica is removed',
  },
  {
    step: 'second deletion and snapshot',
    tracks: ['events of Snapshot'],
    seen: ['Create', 'Update'],
    reason:
      'the V1 engine could not list snapshots while a replica was dead, and failed once; raid1 of SPDK is not asked',
  },
  {
    step: 'detach',
    tracks: ['events of Snapshot'],
    seen: 'fewer',
    reason: 'the recorded snapshot was finished after the ticket had been removed, this one before',
  },
  { step: 'delete volume', tracks: ['rebuild snapshot'], seen: [], reason: mergesSnapshot },
  {
    step: 'delete volume',
    tracks: ['attachment'],
    seen: 'more',
    reason:
      'the last finalizers of volume and attachment go within the same moment; the recorded attachment went a little later',
  },
  {
    step: 'delete image',
    tracks: ['attachment'],
    seen: 'fewer',
    reason: 'it was gone with the volume, the recorded one a little later',
  },
  {
    step: 'delete image',
    tracks: ['image'],
    seen: ['ready, ready', 'terminating ready, ready', 'gone'],
    reason: noImage,
  },
  { step: 'delete image', tracks: ['image manager 3'], seen: 'fewer', reason: noImage },
  {
    step: 'detach',
    tracks: ['attachment'],
    seen: ['user satisfied', ''],
    reason: 'whether the ticket of the snapshot or of the user goes first is chance',
  },
  {
    step: 'detach',
    tracks: ['replica 4'],
    seen: [
      'wants stopped, is ',
      'wants stopped, is stopped',
      'terminating wants stopped, is stopped',
      'terminating wants stopped, is stopped, failed',
    ],
    reason: chance,
  },
  { step: 'detach', tracks: ['events of Replica'], seen: ['Stop'], reason: chance },
  {
    step: 'delete volume',
    tracks: ['replica 4'],
    seen: ['terminating wants stopped, is stopped, failed', 'gone'],
    reason: chance,
  },
];
