import type { CustomResource, NewObject } from '../../../embedded/apiserver/store.ts';

/** A custom resource of no one's, with one of everything that a schema can demand. */
export const gadgets: CustomResource = {
  group: 'example.com',
  version: 'v1',
  alsoServed: ['v1beta1'],
  kind: 'Gadget',
  plural: 'gadgets',
  singular: 'gadget',
  shortNames: ['gd'],
  namespaced: true,
  columns: [
    { name: 'Size', type: 'string', jsonPath: '.spec.size', description: 'How large it is' },
    { name: 'Ready', type: 'string', jsonPath: ".status.conditions[?(@.type=='Ready')].status" },
    { name: 'Count', type: 'integer', jsonPath: '.spec.count', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  schema: {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        required: ['size'],
        properties: {
          size: { type: 'string', pattern: '^[0-9]+$' },
          engine: { type: 'string', enum: ['v1', 'v2'], default: 'v1' },
          count: { type: 'integer', minimum: 1 },
          image: {
            type: 'string',
            'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'image is immutable' }],
          },
          labels: { type: 'object', additionalProperties: { type: 'string' } },
        },
      },
      status: {
        type: 'object',
        properties: {
          state: { type: 'string' },
          conditions: { type: 'array', items: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      },
    },
  },
};

export const gadgetName = 'gadgets.example.com';

export function gadget(name: string, spec: Record<string, unknown> = { size: '1' }): NewObject {
  return { apiVersion: 'example.com/v1', kind: 'Gadget', metadata: { name, namespace: 'default' }, spec };
}

export function configMap(name: string, more: Partial<NewObject['metadata']> = {}): NewObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default', ...more }, data: { k: 'v' } };
}

/** What a call throws; fails the test when it throws nothing. */
export function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
