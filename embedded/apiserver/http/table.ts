/** `meta.k8s.io` Tables: what kubectl prints. */
import { ageOf } from '../printers/age.ts';
import { nameColumn } from '../printers/column.ts';
import type { Column } from '../printers/column.ts';
import { coreColumns } from '../printers/core.ts';
import { otherColumns, plainColumns } from '../printers/other.ts';
import { podColumns } from '../printers/pods.ts';
import { workloadColumns } from '../printers/workloads.ts';
import type { ResourceType } from '../resources/type.ts';
import { fieldDescription } from '../schema/documentation.ts';
import { sortedJson } from '../storage/order.ts';
import type { CustomResource, KubeObject, Payload } from '../store.ts';
import { firstAt } from './json-path.ts';
import type { Format } from './negotiate.ts';
import type { ListMetadata } from './represent.ts';

const builtin: Readonly<Record<string, readonly Column[]>> = {
  pods: podColumns,
  ...coreColumns,
  ...workloadColumns,
  ...otherColumns,
};

const defaultCustomColumns: CustomResource['columns'] = [
  {
    name: 'Age',
    type: 'date',
    jsonPath: '.metadata.creationTimestamp',
    description: fieldDescription({ group: '', version: 'v1', kind: 'ConfigMap' }, 'metadata.creationTimestamp'),
  },
];

/** apiextensions-apiserver:pkg/registry/customresource/tableconvertor/tableconvertor.go@v0.36.2 */
function dateCell(text: string): string {
  if (text === '') return '<unknown>';
  return Number.isNaN(Date.parse(text)) ? '<invalid>' : ageOf(text);
}

function customCell(type: string, path: string): Column['cell'] {
  return (object) => {
    const value: Payload = firstAt(object, path);
    if (value === undefined || value === null) return null;
    switch (type) {
      case 'integer':
        return typeof value === 'number' ? Math.trunc(value) : null;
      case 'number':
        return typeof value === 'number' ? value : null;
      case 'boolean':
        return typeof value === 'boolean' ? value : null;
      case 'date':
        return typeof value === 'string' ? dateCell(value) : null;
      default:
        return typeof value === 'object' ? sortedJson(value) : String(value);
    }
  };
}

function columnsOf(type: ResourceType): readonly Column[] {
  if (type.custom === undefined) return builtin[type.storedAs] ?? plainColumns;
  const declared = type.custom.columns.length === 0 ? defaultCustomColumns : type.custom.columns;
  return [
    nameColumn,
    ...declared.map((one): Column => ({
      name: one.name,
      type: one.type,
      format: one.format ?? '',
      about: { text: one.description ?? `Custom resource definition column (in JSONPath format): ${one.jsonPath}` },
      priority: one.priority ?? 0,
      cell: customCell(one.type, one.jsonPath),
    })),
  ];
}

/** The table of some objects. Rows carry the objects' metadata unless `includeObject` asked for something else. */
export function tableOf(
  type: ResourceType,
  objects: readonly KubeObject[],
  metadata: ListMetadata,
  format: Format,
): Payload {
  const columns = columnsOf(type);
  const apiVersion = `meta.k8s.io/${format.metaVersion}`;
  return {
    kind: 'Table',
    apiVersion,
    metadata,
    columnDefinitions: columns.map(({ name, type: cellType, format: cellFormat, about, priority }) => ({
      name,
      type: cellType,
      format: cellFormat,
      description: 'text' in about ? about.text : fieldDescription(type, about.field),
      priority,
    })),
    rows: objects.map((object) => ({
      cells: columns.map(({ cell }) => cell(object)),
      object: rowObject(object, format),
    })),
  };
}

function rowObject(object: KubeObject, { includeObject, metaVersion }: Format): Payload {
  if (includeObject === 'None') return null;
  if (includeObject === 'Object') return object;
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${metaVersion}`, metadata: object.metadata };
}
