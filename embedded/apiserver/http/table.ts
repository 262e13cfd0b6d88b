import type { ResourceType } from '../resources/type.ts';
import type { KubeObject, Payload } from '../store.ts';
import type { Format, ListMetadata } from './represent.ts';

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
  cell(object: KubeObject): Payload;
}

export function tableOf(type: ResourceType, objects: readonly KubeObject[], metadata: ListMetadata, format: Format): Payload {
  const columns = columnsOf(type);
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${format.metaVersion}`,
    metadata,
    columnDefinitions: columns.map(({ cell: _cell, ...definition }) => definition),
    rows: objects.map((object) => ({
      cells: columns.map((column) => column.cell(object)),
      object: { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${format.metaVersion}`, metadata: object.metadata },
    })),
  };
}

function columnsOf(_type: ResourceType): readonly Column[] {
  return [{ name: 'Name', type: 'string', format: 'name', description: '', priority: 0, cell: (object) => object.metadata.name }];
}
