/** What of a pod may change (kubernetes:pkg/apis/core/validation/validation.go ValidatePodUpdate@v1.36). */
import { isDeepStrictEqual } from 'node:util';
import type { FieldError } from '../errors.ts';
import { forbiddenField, invalidValue, required } from '../errors.ts';
import type { Payload } from '../store.ts';

const changeableInPods =
  '`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,' +
  '`spec.tolerations` (only additions to existing tolerations),' +
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

const list = (value: unknown): readonly Payload[] => (value ?? []) as Payload[];

/** Only images change; undefined when the containers cannot even be compared. */
function containerChanges(next: unknown, old: unknown, field: string): FieldError[] | undefined {
  if (list(next).length !== list(old).length) return undefined;
  return list(next).flatMap(({ image = '' }: { image?: string }, index) => {
    if (image === '') return [required(`${field}[${index}].image`, '')];
    return image.trim() === image
      ? []
      : [invalidValue(`${field}[${index}].image`, image, 'must not have leading or trailing whitespace')];
  });
}

const mostSeconds = 2 ** 31 - 1;

function deadlineErrors(next: number | undefined, old: number | undefined): FieldError[] {
  const field = 'spec.activeDeadlineSeconds';
  if (next === undefined)
    return old === undefined ? [] : [invalidValue(field, null, 'must not update from a positive integer to nil value')];
  if (next < 0 || next > mostSeconds)
    return [invalidValue(field, next, `must be between 0 and ${mostSeconds}, inclusive`)];
  return old !== undefined && old < next
    ? [invalidValue(field, next, 'must be less than or equal to previous value')]
    : [];
}

function tolerationErrors(next: unknown, old: unknown): FieldError[] {
  const bare = (toleration: Payload): Payload => ({ ...toleration, tolerationSeconds: undefined });
  const kept = list(old).every((toleration) =>
    list(next).some((one) => isDeepStrictEqual(bare(one), bare(toleration))),
  );
  return kept
    ? []
    : [forbiddenField('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')];
}

/** The part of a pod's spec that an update must leave as it was; a pod without a node may still be given one. */
function fixedPart(spec: Payload, bound: boolean): Payload {
  const withoutImages = (containers: unknown): Payload[] => list(containers).map(({ image: _image, ...rest }) => rest);
  const {
    activeDeadlineSeconds: _deadline,
    tolerations: _tolerations,
    ephemeralContainers: _ephemeral,
    schedulingGates: _gates,
    ...rest
  } = spec;
  const fixed: Payload = {
    ...rest,
    containers: withoutImages(spec.containers),
    initContainers: withoutImages(spec.initContainers),
  };
  if (!bound) delete fixed.nodeName;
  return fixed;
}

/** The refusal of a real server goes on with the difference, in Go's notation, which is left out here. */
export function podUpdateErrors(next: Payload, old: Payload): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ['containers', 'initContainers']) {
    const changes = containerChanges(next[field], old[field], `spec.${field}`);
    if (changes === undefined)
      return [...errors, forbiddenField(`spec.${field}`, 'pod updates may not add or remove containers')];
    errors.push(...changes);
  }
  const deadline = deadlineErrors(
    next.activeDeadlineSeconds as number | undefined,
    old.activeDeadlineSeconds as number | undefined,
  );
  errors.push(...deadline);
  if (deadline.length > 0 && next.activeDeadlineSeconds !== undefined) return errors;
  errors.push(...tolerationErrors(next.tolerations, old.tolerations));
  const bound = (old.nodeName ?? '') !== '';
  if (!isDeepStrictEqual(fixedPart(next, bound), fixedPart(old, bound)))
    errors.push(forbiddenField('spec', `pod updates may not change fields other than ${changeableInPods}\n`));
  return errors;
}
