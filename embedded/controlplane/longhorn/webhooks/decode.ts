import type { Schema } from '../resources/schema.ts';
import { quoted } from './go-words.ts';

/**
 * What Go's decoder says of an object whose fields have other types than longhorn-manager's structs; undefined when they
 * fit. It is asked before the schema is: the mutator decodes first. Source: longhorn-manager:webhook/admission/request.go,
 * go:src/encoding/json/decode.go@go1.26.
 */
export function decodeFault(
  kind: string,
  schema: Schema,
  object: Readonly<Record<string, unknown>>,
): string | undefined {
  const properties = (schema['properties'] ?? {}) as Record<string, Schema>;
  // The API server writes the fields in order, and the decoder reports the first that does not fit.
  for (const [name, property] of Object.entries(properties).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (['apiVersion', 'kind', 'metadata'].includes(name)) continue;
    const fault = valueFault(property, object[name], { struct: kind, path: name });
    if (fault !== undefined) return fault;
  }
  return undefined;
}

interface Place {
  /** The Go struct that has the field. */
  readonly struct: string;
  /** From the object down to the field. */
  readonly path: string;
}

function valueFault(schema: Schema, value: unknown, place: Place): string | undefined {
  if (value === undefined || value === null) return undefined;
  switch (schema['type']) {
    case 'string':
      return schema['format'] === 'int64'
        ? quotedIntegerFault(value, place)
        : typeFault(typeof value === 'string', value, 'string', place);
    case 'integer':
      return integerFault(schema, value, place);
    case 'boolean':
      return typeFault(typeof value === 'boolean', value, 'bool', place);
    case 'object':
      return objectFault(schema, value, place);
    default:
      return undefined;
  }
}

function typeFault(fits: boolean, value: unknown, type: string, { struct, path }: Place): string | undefined {
  return fits
    ? undefined
    : `json: cannot unmarshal ${valueKind(value)} into Go struct field ${struct}.${path} of type ${goType(type, path)}`;
}

function valueKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** Texts with a choice of values have a type of their own. */
function goType(type: string, path: string): string {
  const named = type === 'string' ? namedTypes[path.replace(/^.*\./, '')] : undefined;
  return named === undefined ? type : `v1beta2.${named}`;
}

/** Source: longhorn-manager:k8s/pkg/apis/longhorn/v1beta2@v1.12.1. */
const namedTypes: Readonly<Record<string, string>> = {
  accessMode: 'AccessMode',
  backupCompressionMethod: 'BackupCompressionMethod',
  cloneMode: 'CloneMode',
  dataEngine: 'DataEngineType',
  dataLocality: 'DataLocality',
  dataSource: 'VolumeDataSource',
  diskDriver: 'DiskDriver',
  diskType: 'DiskType',
  freezeFilesystemForSnapshot: 'FreezeFilesystemForSnapshot',
  frontend: 'VolumeFrontend',
  offlineRebuilding: 'VolumeOfflineRebuilding',
  replicaAutoBalance: 'ReplicaAutoBalance',
  replicaDiskSoftAntiAffinity: 'ReplicaDiskSoftAntiAffinity',
  replicaSoftAntiAffinity: 'ReplicaSoftAntiAffinity',
  replicaZoneSoftAntiAffinity: 'ReplicaZoneSoftAntiAffinity',
  restoreVolumeRecurringJob: 'RestoreVolumeRecurringJobType',
  snapshotDataIntegrity: 'SnapshotDataIntegrity',
  sourceType: 'BackingImageDataSourceType',
  task: 'RecurringJobType',
  unmapMarkSnapChainRemoved: 'UnmapMarkSnapChainRemoved',
};

/** An integer that is written as a text. */
function quotedIntegerFault(value: unknown, { struct, path }: Place): string | undefined {
  const misuse = 'json: invalid use of ,string struct tag, trying to unmarshal';
  if (typeof value !== 'string') return `${misuse} unquoted value into int64`;
  if (/^-?\d+$/.test(value)) return undefined;
  if (/^[-\d]/.test(value))
    return `json: cannot unmarshal number ${value} into Go struct field ${struct}.${path} of type int64`;
  return `${misuse} ${quoted(value)} into int64`;
}

function integerFault(schema: Schema, value: unknown, place: Place): string | undefined {
  const type = (schema['format'] as string | undefined) ?? 'int';
  if (typeof value === 'number' && !Number.isInteger(value)) {
    return `json: cannot unmarshal number ${String(value)} into Go struct field ${place.struct}.${place.path} of type ${type}`;
  }
  return typeFault(typeof value === 'number', value, type, place);
}

function objectFault(schema: Schema, value: unknown, place: Place): string | undefined {
  const properties = schema['properties'] as Record<string, Schema> | undefined;
  // Of maps and lists of structs only the plain ones are looked into.
  if (properties === undefined || typeof value !== 'object' || Array.isArray(value)) return undefined;
  const struct = `${place.struct}${place.path.charAt(0).toUpperCase()}${place.path.slice(1)}`;
  if (place.path.includes('.')) return undefined;
  for (const [name, entry] of Object.entries(value as Record<string, unknown>).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const property = properties[name];
    const fault =
      property === undefined ? undefined : valueFault(property, entry, { struct, path: `${place.path}.${name}` });
    if (fault !== undefined) return fault;
  }
  return undefined;
}
