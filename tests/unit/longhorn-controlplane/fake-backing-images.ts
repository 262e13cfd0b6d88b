import type { BackingImageInfo, SpdkNode } from '../../../embedded/dataplane/contract.ts';
import type { FakeNodeParts } from './fake-node-parts.ts';

type BackingImageCalls = Pick<
  SpdkNode,
  'backingImageCreate' | 'backingImageGet' | 'backingImageList' | 'backingImageDelete'
>;

/** Copies that are ready after a while, whatever their source holds. */
export function fakeBackingImages({ clock, noteHere: note }: FakeNodeParts): BackingImageCalls {
  const images = new Map<string, BackingImageInfo>();
  return {
    backingImageCreate(image) {
      note('backingImageCreate', `${image.name} ${image.source.kind}`);
      const info: BackingImageInfo = {
        name: image.name,
        backingImageUuid: image.backingImageUuid,
        lvstoreUuid: image.lvstoreUuid,
        lvolName: `bi-${image.name}-disk-${image.lvstoreUuid}`,
        sizeBytes: image.sizeBytes,
        progress: 0,
        state: 'in-progress',
        currentChecksum: '',
        errorMessage: '',
      };
      images.set(`${image.name}/${image.lvstoreUuid}`, info);
      const finish = async (): Promise<void> => {
        if (image.source.kind === 'stream') for await (const _chunk of image.source.content) continue;
        await clock.sleep(5);
        Object.assign(info, { state: 'ready', progress: 100, currentChecksum: image.checksum });
      };
      void finish();
    },
    backingImageGet: (name, disk) => images.get(`${name}/${disk}`),
    backingImageList: () => [...images.values()],
    backingImageDelete(name, disk) {
      note('backingImageDelete', name);
      images.delete(`${name}/${disk}`);
      return Promise.resolve();
    },
  };
}
