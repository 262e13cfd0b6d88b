/**
 * Requests that a real API server refuses, beyond the recorded ones. The words are those of
 * kubernetes/apiserver, apimachinery and apiextensions-apiserver at v0.36.2.
 */
import { expect, test } from '@playwright/test';
import { send, startCluster } from './client.ts';
import type { Call, Cluster } from './client.ts';
import { configMap, gadget, gadgetName, gadgets } from './gadgets.ts';

const maps = '/api/v1/namespaces/default/configmaps';
const gadgetsPath = '/apis/example.com/v1/namespaces/default/gadgets';
const merge = 'application/merge-patch+json';
const strategic = 'application/strategic-merge-patch+json';
const json = 'application/json-patch+json';
const apply = 'application/apply-patch+yaml';

let cluster: Cluster;

test.beforeAll(async () => {
  cluster = await startCluster({ customResources: [gadgets] });
  cluster.store.create('configmaps', configMap('one'));
  cluster.store.create('configmaps', configMap('going', { finalizers: ['example.com/hold'] }));
  cluster.store.delete({ resource: 'configmaps', namespace: 'default', name: 'going' });
  cluster.store.create(gadgetName, gadget('one'));
});

test.afterAll(() => cluster.close());

interface Refusal {
  readonly name: string;
  readonly call: Call;
  readonly status: number;
  readonly reason?: string;
  readonly message: string | RegExp;
}

const post = (body: unknown, query = ''): Call => ({ method: 'POST', path: `${maps}${query}`, body });
const list = (query: string): Call => ({ method: 'GET', path: `${maps}?${query}` });
const patch = (contentType: string, body: unknown, query = ''): Call => ({
  method: 'PATCH',
  path: `${maps}/one${query}`,
  contentType,
  body,
});
const put = (body: unknown): Call => ({ method: 'PUT', path: `${maps}/one`, body });
const remove = (body: unknown, query = ''): Call => ({
  method: 'DELETE',
  path: `${maps}/one${query}`,
  ...(body === undefined ? {} : { body }),
});
const badRequest = (name: string, call: Call, message: string | RegExp): Refusal => ({
  name,
  call,
  status: 400,
  reason: 'BadRequest',
  message,
});
const invalid = (name: string, call: Call, message: string | RegExp): Refusal => ({
  name,
  call,
  status: 422,
  reason: 'Invalid',
  message,
});

const scheme = 'in scheme "pkg/api/legacyscheme/scheme.go:30"';
const bodies: readonly Refusal[] = [
  badRequest(
    'text that is not JSON',
    post('{not json'),
    `the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: invalid character 'n' looking for beginning of object key string ({not json)`,
  ),
  badRequest(
    'no text',
    post(''),
    `the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)`,
  ),
  badRequest(
    'another kind',
    post({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' } }),
    'Secret in version "v1" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): unknown conversion',
  ),
  badRequest(
    'a kind of no one',
    post({ apiVersion: 'nope/v2', kind: 'Nope', metadata: { name: 'x' } }),
    `Nope in version "v2" cannot be handled as a ConfigMap: no kind "Nope" is registered for version "nope/v2" ${scheme}`,
  ),
  badRequest(
    'another version',
    post({ apiVersion: 'v2', kind: 'ConfigMap', metadata: { name: 'x' } }),
    `ConfigMap in version "v2" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for version "v2" ${scheme}`,
  ),
  badRequest(
    'fields in the order in which they are read',
    post(
      '{"kind":"ConfigMap","metadata":{"name":"a","name":"b"},"data":{"k":"1","k":"2"},"x":1}',
      '?fieldValidation=Strict',
    ),
    'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: duplicate field "metadata.name", duplicate field "data.k", unknown field "x"',
  ),
  badRequest(
    'an unknown field of a custom kind',
    { method: 'POST', path: `${gadgetsPath}?fieldValidation=Strict`, body: gadget('x', { size: '1', colour: 'red' }) },
    'Gadget in version "v1" cannot be handled as a Gadget: strict decoding error: unknown field "spec.colour"',
  ),
  badRequest(
    'a custom object without kind',
    { method: 'POST', path: gadgetsPath, body: '{"metadata":{}}' },
    `the object provided is unrecognized (must be of type Gadget): Object 'Kind' is missing in '{"metadata":{}}' ({"metadata":{}})`,
  ),
  invalid(
    'a key in data and binaryData',
    post({ ...configMap('x'), data: { k: 'v' }, binaryData: { k: 'aGk=' } }),
    'ConfigMap "x" is invalid: data[k]: Invalid value: "k": duplicate of key present in binaryData',
  ),
  invalid(
    'a finalizer without domain',
    post(configMap('x', { finalizers: ['hold'] })),
    'ConfigMap "x" is invalid: metadata.finalizers[0]: Invalid value: "hold": name is neither a standard finalizer name nor is it fully qualified',
  ),
  invalid(
    'a prefix that no name can have',
    post({ ...configMap(''), metadata: { generateName: 'Bad_' } }),
    /^ConfigMap "Bad_\w{5}" is invalid: \[metadata\.generateName: Invalid value: "Bad_": a lowercase RFC 1123 subdomain .*, metadata\.name: Invalid value: "Bad_\w{5}": /,
  ),
  invalid(
    'more annotations than an object may have',
    post(configMap('x', { annotations: { a: 'x'.repeat(262_144) } })),
    'ConfigMap "x" is invalid: metadata.annotations: Too long: may not be more than 262144 bytes',
  ),
  invalid(
    'an event that owns',
    post(configMap('x', { ownerReferences: [{ apiVersion: 'v1', kind: 'Event', name: 'e', uid: 'u' }] })),
    'ConfigMap "x" is invalid: metadata.ownerReferences: Invalid value: {"apiVersion":"v1","kind":"Event","name":"e","uid":"u"}: /v1, Kind=Event is disallowed from being an owner',
  ),
  invalid(
    'two propagations at once',
    post(configMap('x', { finalizers: ['orphan', 'foregroundDeletion'] })),
    'ConfigMap "x" is invalid: metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set',
  ),
  badRequest(
    'metadata that is text',
    post({ ...configMap('x'), metadata: 'x' }),
    'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal string into Go struct field ConfigMap.metadata of type v1.ObjectMeta',
  ),
  badRequest(
    'a time that is none',
    post(configMap('x', { creationTimestamp: 'yesterday' })),
    'ConfigMap in version "v1" cannot be handled as a ConfigMap: parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"',
  ),
  badRequest(
    'bytes that are none',
    post({ ...configMap('x'), binaryData: { k: 'aGk' } }),
    'ConfigMap in version "v1" cannot be handled as a ConfigMap: illegal base64 data at input byte 0',
  ),
  badRequest(
    'a list of any kind',
    post({ apiVersion: 'v1', kind: 'List', items: [] }),
    'List in version "v1" cannot be handled as a ConfigMap: converting (v1.List) to (core.ConfigMap): unknown conversion',
  ),
  badRequest(
    'YAML that is none',
    { ...post('a: b: c'), contentType: 'application/yaml' },
    'the object provided is unrecognized (must be of type ConfigMap): yaml: mapping values are not allowed in this context (613a20623a2063)',
  ),
  badRequest(
    'YAML with a key twice',
    {
      ...post('kind: ConfigMap\nmetadata:\n  name: x\nkind: ConfigMap\n', '?fieldValidation=Strict'),
      contentType: 'application/yaml',
    },
    'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: yaml: unmarshal errors:\n  line 4: key "kind" already set in map',
  ),
  badRequest(
    'metadata of a custom object that is text',
    { method: 'POST', path: gadgetsPath, body: { ...gadget('x'), metadata: 'x' } },
    'Gadget in version "v1" cannot be handled as a Gadget: json: cannot unmarshal string into Go value of type v1.ObjectMeta',
  ),
  badRequest(
    'a label of a custom object that is a number',
    { method: 'POST', path: gadgetsPath, body: { ...gadget('x'), metadata: { name: 'x', labels: { a: 1 } } } },
    'Gadget in version "v1" cannot be handled as a Gadget: json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string',
  ),
  badRequest(
    'a custom object without version',
    { method: 'POST', path: gadgetsPath, body: { kind: 'Gadget', metadata: { name: 'x' } } },
    'the API version in the data () does not match the expected API version (example.com/v1)',
  ),
  {
    name: 'a resourceVersion at creation',
    call: post(configMap('x', { resourceVersion: '3' })),
    status: 500,
    message: 'resourceVersion should not be set on objects to be created',
  },
];

const parameters: readonly Refusal[] = [
  invalid(
    'a dry run of something',
    post(configMap('x'), '?dryRun=Some'),
    'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"',
  ),
  invalid(
    'another field validation',
    post(configMap('x'), '?fieldValidation=Nope'),
    'CreateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "Nope": supported values: "", "Ignore", "Strict", "Warn"',
  ),
  invalid(
    'a long field manager',
    post(configMap('x'), `?fieldManager=${'m'.repeat(129)}`),
    'CreateOptions.meta.k8s.io "" is invalid: fieldManager: Too long: may not be more than 128 bytes',
  ),
  badRequest('a limit that is no number', list('limit=many'), 'strconv.ParseInt: parsing "many": invalid syntax'),
  badRequest(
    'a resourceVersion that is no number',
    list('resourceVersion=abc'),
    'invalid resource version: resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
  ),
  invalid(
    'a match without resourceVersion',
    list('resourceVersionMatch=Exact'),
    'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
  ),
  invalid(
    'an exact match of any version',
    list('resourceVersionMatch=Exact&resourceVersion=0'),
    'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
  ),
  invalid(
    'another match',
    list('resourceVersionMatch=Nope&resourceVersion=1'),
    'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Unsupported value: "Nope": supported values: "Exact", "NotOlderThan", ""',
  ),
  invalid(
    'initial events of a list',
    list('sendInitialEvents=true'),
    'ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list',
  ),
  invalid(
    'a match of a plain watch',
    list('watch=yes&resourceVersionMatch=NotOlderThan'),
    'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
  ),
  badRequest(
    'a token that is none',
    list('continue=abc'),
    "invalid continue token: continue key is not valid: invalid character 'i' looking for beginning of value",
  ),
  badRequest(
    'a token of another version',
    list(`continue=${Buffer.from('{"v":"v9","rv":1,"start":"a"}').toString('base64url')}`),
    'invalid continue token: continue key is not valid: server does not recognize this encoded version v9',
  ),
  badRequest(
    'a token and a resourceVersion',
    list(
      `resourceVersion=2&continue=${Buffer.from('{"v":"meta.k8s.io/v1","rv":1,"start":"a"}').toString('base64url')}`,
    ),
    'specifying resource version is not allowed when using continue',
  ),
  badRequest(
    'an open list of values',
    list('labelSelector=a%20in%20(b'),
    "unable to parse requirement: found '', expected: ',' or ')'",
  ),
  badRequest(
    'a word for greater',
    list('labelSelector=a%20gt%201'),
    "unable to parse requirement: found 'gt', expected: in, notin, =, ==, !=, gt, lt",
  ),
  badRequest(
    'an unknown field',
    list('fieldSelector=data.k%3Dx'),
    '"data.k" is not a known field selector: only "metadata.name", "metadata.namespace"',
  ),
  invalid(
    'another propagation',
    remove({ propagationPolicy: 'Nope' }),
    'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Nope": supported values: "Foreground", "Background", "Orphan", "nil"',
  ),
  invalid(
    'two propagations',
    remove({ propagationPolicy: 'Orphan', orphanDependents: true }),
    'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set',
  ),
  badRequest(
    'options that are no JSON',
    remove('{'),
    "couldn't get version/kind; json parse error: unexpected end of JSON input",
  ),
  badRequest(
    'a grace period that is text',
    remove({ gracePeriodSeconds: 'soon' }),
    'json: cannot unmarshal string into Go struct field DeleteOptions.gracePeriodSeconds of type int64',
  ),
  badRequest(
    'a grace period that is no number',
    remove(undefined, '?gracePeriodSeconds=soon'),
    'strconv.ParseInt: parsing "soon": invalid syntax',
  ),
  {
    name: 'a type that nobody produces',
    call: { method: 'GET', path: `${gadgetsPath}/one`, accept: 'text/html' },
    status: 406,
    reason: 'NotAcceptable',
    message:
      'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
  },
];

const changes: readonly Refusal[] = [
  badRequest(
    'a patch that renames',
    patch(merge, { metadata: { name: 'two' } }),
    'the name of the object (two) does not match the name on the URL (one)',
  ),
  badRequest(
    'a patch that takes the name away',
    patch(merge, { metadata: { name: null } }),
    'the name of the object (one based on URL) was undeterminable: name must be provided',
  ),
  badRequest(
    'a replacement without name',
    put({ ...configMap('one'), metadata: {} }),
    'the name of the object (one based on URL) was undeterminable: name must be provided',
  ),
  invalid(
    'a patch to another kind',
    patch(merge, { kind: 'Secret' }),
    /^ "" is invalid: patch: Invalid value: "\{.*\\"kind\\":\\"Secret\\".*": converting \(v1\.Secret\) to \(core\.ConfigMap\): unknown conversion$/,
  ),
  invalid(
    'a patch to another version',
    patch(json, [{ op: 'replace', path: '/apiVersion', value: 'v2' }]),
    /": no kind "ConfigMap" is registered for version "v2" in scheme "pkg\/api\/legacyscheme\/scheme\.go:30"$/,
  ),
  invalid(
    'a patch to another uid',
    patch(merge, { metadata: { uid: 'u' } }),
    'ConfigMap "one" is invalid: metadata.uid: Invalid value: "u": field is immutable',
  ),
  invalid(
    'a patch that lets it end',
    patch(merge, { metadata: { deletionTimestamp: '2001-01-01T00:00:00Z' } }),
    'ConfigMap "one" is invalid: metadata.deletionTimestamp: Invalid value: "2001-01-01T00:00:00Z": field is immutable',
  ),
  invalid(
    'a patch to another grace period',
    { ...patch(merge, { metadata: { deletionGracePeriodSeconds: 7 } }), path: `${maps}/going` },
    'ConfigMap "going" is invalid: metadata.deletionGracePeriodSeconds: Invalid value: 7: field is immutable',
  ),
  {
    name: 'a directive of no one',
    call: patch(strategic, { data: { $patch: 'frob' } }),
    status: 500,
    message: 'unknown patch type: frob in map: map[$patch:frob]',
  },
  badRequest(
    'a merge patch that is a list',
    patch(merge, '[]'),
    'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
  ),
  badRequest(
    'a JSON patch that is no list',
    patch(json, { op: 'add' }),
    'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
  ),
  badRequest(
    'a strategic patch that is no JSON',
    patch(strategic, '{nope'),
    "invalid character 'n' looking for beginning of object key string",
  ),
  {
    name: 'a JSON patch that does not apply',
    call: patch(json, [{ op: 'remove', path: '/data/none' }]),
    status: 422,
    reason: 'Invalid',
    message: 'the server rejected our request due to an error in our request',
  },
  invalid(
    'a strategic patch to another type',
    patch(strategic, { data: { k: 1 } }),
    ' "" is invalid: patch: Invalid value: "map[data:map[k:1]]": cannot convert int64 to string',
  ),
  invalid(
    'a strict patch with an unknown field',
    patch(strategic, { datas: 1 }, '?fieldValidation=Strict'),
    ' "" is invalid: patch: Invalid value: "map[datas:1]": strict decoding error: unknown field "datas"',
  ),
  badRequest(
    'a patch into another namespace',
    patch(merge, { metadata: { namespace: 'other' } }),
    'the namespace of the provided object does not match the namespace sent on the request',
  ),
  badRequest(
    'a configuration of a new object without name',
    { ...patch(apply, { apiVersion: 'v1', kind: 'ConfigMap' }), path: `${maps}/new?fieldManager=me` },
    'the name of the object (new based on URL) was undeterminable: name must be provided',
  ),
  {
    name: 'the end of a namespace that stays',
    call: { method: 'DELETE', path: '/api/v1/namespaces/default' },
    status: 403,
    reason: 'Forbidden',
    message: 'namespaces "default" is forbidden: this namespace may not be deleted',
  },
  badRequest(
    'a configuration that is empty',
    patch(apply, '', '?fieldManager=me'),
    'Incorrect version specified in apply patch. Specified patch version: , expected: v1',
  ),
  badRequest(
    'a configuration that is no YAML',
    patch(apply, 'a: b: c', '?fieldManager=me'),
    'error decoding YAML: error converting YAML to JSON: yaml: mapping values are not allowed in this context',
  ),
  badRequest(
    'a configuration with a key twice',
    patch(
      apply,
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\ndata:\n  k: "1"\n  k: "2"\n',
      '?fieldManager=me&force=true&fieldValidation=Strict',
    ),
    'error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  line 7: key "k" already set in map',
  ),
  badRequest(
    'a configuration without version',
    patch(apply, { data: {} }, '?fieldManager=me'),
    'Incorrect version specified in apply patch. Specified patch version: , expected: v1',
  ),
  {
    name: 'a configuration with an unknown field',
    call: patch(apply, { ...configMap('one'), datas: {} }, '?fieldManager=me'),
    status: 500,
    message:
      'failed to create typed patch object (default/one; /v1, Kind=ConfigMap): .datas: field not declared in schema',
  },
  {
    name: 'a configuration with a value of another type',
    call: patch(apply, { ...configMap('one'), data: { k: 5 } }, '?fieldManager=me'),
    status: 500,
    message:
      'failed to create typed patch object (default/one; /v1, Kind=ConfigMap): .data.k: expected string, got &value.valueUnstructured{Value:5}',
  },
  {
    name: 'a configuration that is wrong in two ways',
    call: patch(apply, { ...configMap('one'), data: 'x', immutable: 'x' }, '?fieldManager=me'),
    status: 500,
    message:
      'failed to create typed patch object (default/one; /v1, Kind=ConfigMap): errors:\n  .data: expected map, got &{x}\n  .immutable: expected boolean, got &{x}',
  },
  {
    name: 'a configuration of an object that went',
    call: { ...patch(apply, configMap('gone', { uid: 'u' }), ''), path: `${maps}/gone?fieldManager=me` },
    status: 409,
    reason: 'Conflict',
    message:
      'Operation cannot be fulfilled on configmaps "gone": uid mismatch: the provided object specified uid u, and no existing object was found',
  },
  {
    name: 'an update from a resourceVersion that is no number',
    call: patch(merge, { metadata: { resourceVersion: 'abc' } }),
    status: 500,
    message: 'strconv.ParseUint: parsing "abc": invalid syntax',
  },
];

for (const { name, call, status, reason, message } of [...bodies, ...parameters, ...changes]) {
  test(`refused in the server's words: ${name}`, async () => {
    const answer = await send(cluster.server, call);
    if (typeof message === 'string') expect(answer.body.message).toBe(message);
    else expect(answer.body.message).toMatch(message);
    expect({ status: answer.status, reason: answer.body.reason }).toEqual({ status, reason });
  });
}

test('a complaint about metadata is made by the registry and by the kind, and said once', async () => {
  const answer = await send(cluster.server, {
    method: 'PATCH',
    path: `${maps}/going`,
    contentType: merge,
    body: { metadata: { finalizers: ['example.com/hold', 'example.com/more'] } },
  });
  expect(answer.body.message).toBe(
    'ConfigMap "going" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/more"}',
  );
  expect(answer.body.details.causes).toHaveLength(2);
});

test('a finalizer of a custom resource that could collide is warned of when it is added', async () => {
  const path = `${gadgetsPath}/one`;
  const change = (finalizers: readonly string[]): Promise<string | undefined> =>
    send(cluster.server, { method: 'PATCH', path, contentType: merge, body: { metadata: { finalizers } } }).then(
      ({ headers }) => headers['warning'],
    );
  expect(await change(['example.com'])).toBe(
    String.raw`299 - "metadata.finalizers: \"example.com\": prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers"`,
  );
  expect(await change(['example.com', 'example.com/hold'])).toBeUndefined();
});

test('people get indented JSON, programs a line', async () => {
  expect((await send(cluster.server, { method: 'GET', path: `${maps}/one` })).text).toMatch(/^\{"kind":.*\}\n$/);
  expect((await send(cluster.server, { method: 'GET', path: `${maps}/one?pretty=true` })).text).toMatch(
    /^\{\n {2}"kind": "ConfigMap",\n/,
  );
});
