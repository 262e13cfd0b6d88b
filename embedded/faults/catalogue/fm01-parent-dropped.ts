import { engineCommit, longhorn, spdkCommit } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { isSharedParent, noteParent } from '../parents.ts';
import { rebuildParameter, struckRebuilds } from '../rebuilds.ts';

export const parentDropped: RunnableFault = {
  kind: 'fault',
  id: 'FM01',
  name: 'parent dropped',
  model: 'A rebuilt lvol is made, or the rebuilt head finished, without the parent that its holes should show.',
  copies: [longhorn(10909), engineCommit('3cc8246f'), spdkCommit('826aac635e')],
  parameters: {
    event: { kind: 'choice', default: 'create', choices: ['create', 'finish'], text: 'where the parent is left out' },
    layer: {
      kind: 'choice',
      default: 'ancestor',
      choices: ['ancestor', 'middle'],
      text: 'the lvol that loses it: on the image, or on another snapshot',
    },
    rebuild: rebuildParameter,
  },
  expected: { findings: ['content', 'lvol-chain'], wrongBytes: ['zeros', 'missing'], replica: 'rebuilt' },
  hooks({ parameters, liveness }) {
    const strikes = struckRebuilds(parameters);
    const finish = parameters.choice('event') === 'finish';
    const onImage = parameters.choice('layer') === 'ancestor';
    return {
      rebuildParent({ destinationReplica, wanted, source, destinationStore }) {
        const struck = strikes(destinationReplica) && !finish && wanted !== '' && isSharedParent(wanted) === onImage;
        if (!struck) return wanted;
        noteParent(liveness, {
          of: source,
          replica: destinationReplica,
          wanted: destinationStore.find(wanted),
          chosen: undefined,
        });
        return '';
      },
      finishParent({ destinationReplica, wanted, head, destinationStore }) {
        if (!strikes(destinationReplica) || !finish) return wanted;
        noteParent(liveness, {
          of: head,
          replica: destinationReplica,
          wanted: destinationStore.find(wanted),
          chosen: undefined,
        });
        return '';
      },
    };
  },
};
