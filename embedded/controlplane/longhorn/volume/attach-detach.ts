import type { Engine } from '../model/engine.ts';
import type { VolumeState } from '../model/volume.ts';
import { areDependentsClosed, areDependentsOpen, closeDependents, openDependents } from './dependents.ts';
import type { VolumePass } from './volume-pass.ts';

/**
 * The attach/detach state machine: what to do follows from the wanted node, the current node and the state.
 * Source: longhorn-manager:controller/volume_controller.go reconcileAttachDetachStateMachine@v1.11.3.
 */
export function stepAttachDetach(pass: VolumePass, engine: Engine, isNewVolume: boolean): void {
  const { volume } = pass;
  const status = volume.status;
  if (isNewVolume || status.state === '') {
    status.state = 'creating';
    return;
  }
  const wanted = volume.spec.nodeID ?? '';
  const current = status.currentNodeID;
  if (wanted === '' || (current !== '' && wanted !== current)) {
    const leaving: readonly VolumeState[] =
      current === '' ? ['attached', 'attaching', 'creating'] : ['attached', 'attaching', 'detached'];
    close(pass, engine, leaving);
    return;
  }
  if (current === '') attach(pass, engine, wanted);
  else stay(pass, engine);
}

function close(pass: VolumePass, engine: Engine, leaving: readonly VolumeState[]): void {
  const status = pass.volume.status;
  closeDependents(pass, engine);
  if (leaving.includes(status.state)) status.state = 'detaching';
  else if (status.state === 'detaching') finishDetaching(pass, engine);
}

function finishDetaching(pass: VolumePass, engine: Engine): void {
  if (!areDependentsClosed(pass, engine)) return;
  const { volume, recorder } = pass;
  volume.status.currentNodeID = '';
  if (pass.frontend !== undefined) volume.status['currentEngineNodeID'] = '';
  volume.status.state = 'detached';
  recorder.normal(volume, 'Detached', `volume ${volume.metadata.name} has been detached`);
}

function attach(pass: VolumePass, engine: Engine, node: string): void {
  const { volume, recorder } = pass;
  const status = volume.status;
  switch (status.state) {
    case 'attached':
      closeDependents(pass, engine);
      status.state = 'detaching';
      break;
    case 'detaching':
    case 'creating':
      close(pass, engine, ['creating']);
      break;
    case 'detached':
      openDependents(pass, engine);
      status.state = 'attaching';
      break;
    case 'attaching':
      openDependents(pass, engine);
      if (areDependentsOpen(pass, engine)) {
        status.currentNodeID = node;
        status.state = 'attached';
        recorder.normal(volume, 'Attached', `volume ${volume.metadata.name} has been attached to ${node}`);
      }
      break;
    case '':
    case 'deleting':
      break;
  }
}

/** Attached where it should be: newly added replicas are started here. */
function stay(pass: VolumePass, engine: Engine): void {
  const status = pass.volume.status;
  if (status.state === 'attached') {
    openDependents(pass, engine);
    if (pass.frontend !== undefined) status['currentEngineNodeID'] = engine.spec.nodeID;
  } else if (status.state === 'detaching') close(pass, engine, []);
  else {
    closeDependents(pass, engine);
    status.state = 'detaching';
  }
}
