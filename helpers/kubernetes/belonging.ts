/**
 * The ways in which an object that a controller made can be shown to belong to one of ours. The list is closed: what
 * none of them shows cannot be adopted, and what is not adopted cannot be deleted.
 */
import type { PersistentVolume } from './core-kinds.ts';
import type { KubeObject } from './resource.ts';

export class Belonging<Owner extends KubeObject, Child extends KubeObject> {
  readonly #shows: (owner: Owner, child: Child) => boolean;
  /** For the error when it does not hold. */
  readonly claim: string;

  private constructor(claim: string, shows: (owner: Owner, child: Child) => boolean) {
    this.claim = claim;
    this.#shows = shows;
  }

  holds(owner: Owner, child: Child): boolean {
    return this.#shows(owner, child);
  }

  /** The child's ownerReferences name the owner's uid. */
  static readonly byOwnerReference = new Belonging<KubeObject, KubeObject>(
    'has it in its ownerReferences',
    (owner, child) => (child.metadata.ownerReferences ?? []).some(({ uid }) => uid === owner.metadata.uid),
  );

  /** The PersistentVolume is bound to the claim's uid. */
  static readonly byClaim = new Belonging<KubeObject, PersistentVolume>(
    'is bound to it',
    (owner, child) => child.spec.claimRef?.uid === owner.metadata.uid,
  );

  /**
   * The pod of an instance manager that runs instances of this volume and of no other: `<volume>-e-…`, `<volume>-r-…`.
   * longhorn-facts §1.6, §1.7
   */
  static byInstances(manager: KubeObject, instances: readonly string[]): Belonging<KubeObject, KubeObject> {
    return new Belonging<KubeObject, KubeObject>(
      'runs its instances and no others',
      (owner, child) =>
        child.metadata.ownerReferences?.some(({ uid }) => uid === manager.metadata.uid) === true &&
        instances.length > 0 &&
        instances.every((name) => isInstanceOf(owner.metadata.name, name)),
    );
  }

  /** The CSI driver's volume is the one that the PersistentVolume names; that field is immutable. */
  static readonly byVolumeHandle = new Belonging<PersistentVolume, KubeObject>(
    'is its volume handle',
    (owner, child) => owner.spec.csi?.volumeHandle === child.metadata.name,
  );
}

/** Whether an engine's or a replica's name is that of an instance of the volume, not of one whose name begins like it. */
export function isInstanceOf(volume: string, instance: string): boolean {
  return instance.startsWith(`${volume}-`) && /^-[er]-[0-9a-f]+$/.test(instance.slice(volume.length));
}
