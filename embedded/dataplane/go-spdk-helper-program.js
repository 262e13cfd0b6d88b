#!/usr/bin/env node
// go-spdk-helper's commands that look, hash, or stop an export (longhorn/go-spdk-helper:app/cmd): JSON with tabs on
// stdout, errors as a logrus line on stderr and exit code 1.
import { connect } from 'node:net';
import process from 'node:process';

const socketPath = process.env['SPDK_RPC_SOCKET'] ?? '/var/tmp/spdk.sock';
const timeoutMs = 60_000;

const dropEmpty = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

/** What the helper's Go types keep of a bdev, in their order; null becomes Go's zero value. */
function bdevInfo(bdev, driverSpecific) {
  const io = bdev.supported_io_types;
  const kept = [
    'read',
    'write',
    'unmap',
    'write_zeroes',
    'flush',
    'reset',
    'compare',
    'compare_and_write',
    'abort',
    'nvme_admin',
    'nvme_io',
  ];
  return dropEmpty({
    name: bdev.name,
    aliases: bdev.aliases,
    product_name: bdev.product_name,
    block_size: bdev.block_size,
    num_blocks: bdev.num_blocks,
    uuid: bdev.uuid,
    creation_time: bdev.creation_time === '' ? undefined : bdev.creation_time,
    assigned_rate_limits: bdev.assigned_rate_limits,
    claimed: bdev.claimed,
    claim_type: bdev.claim_type,
    zoned: bdev.zoned,
    supported_io_types: Object.fromEntries(kept.map((type) => [type, io[type]])),
    memory_domains: bdev.memory_domains,
    driver_specific: driverSpecific,
  });
}

async function lvolGet(rpc, name) {
  const bdevs = await rpc('bdev_get_bdevs', name === undefined ? {} : { name });
  const found = [];
  for (const bdev of bdevs.filter(({ driver_specific: driver }) => driver?.lvol !== undefined)) {
    const lvol = bdev.driver_specific.lvol;
    found.push(
      bdevInfo(bdev, {
        lvol: dropEmpty({
          lvol_store_uuid: lvol.lvol_store_uuid,
          base_bdev: lvol.base_bdev,
          base_snapshot: lvol.base_snapshot,
          thin_provision: lvol.thin_provision,
          num_allocated_clusters: lvol.num_allocated_clusters,
          snapshot: lvol.snapshot,
          clone: lvol.clone,
          clones: lvol.clones,
          xattrs: await lvolXattrs(rpc, bdev.name, lvol.snapshot),
        }),
      }),
    );
  }
  return found;
}

async function lvolXattrs(rpc, name, isSnapshot) {
  const get = async (xattr, absent) => {
    try {
      return await rpc('bdev_lvol_get_xattr', { name, xattr_name: xattr });
    } catch (error) {
      if (error.code === -32603) return absent;
      throw error;
    }
  };
  return dropEmpty({
    snapshot_checksum: isSnapshot ? await snapshotChecksum(rpc, name) : undefined,
    snapshot_timestamp: await get('snapshot_timestamp', ''),
    user_created: await get('user_created', 'true'),
  });
}

async function snapshotChecksum(rpc, name) {
  try {
    return (await rpc('bdev_lvol_get_snapshot_checksum', { name })).checksum;
  } catch (error) {
    if (error.code === -19) return undefined;
    throw error;
  }
}

async function rangeChecksums(rpc, flags) {
  const found = await rpc('bdev_lvol_get_snapshot_range_checksums', {
    name: lvolOf(flags),
    cluster_start_index: Number(flags['cluster-start-index'] ?? 0),
    cluster_count: Number(flags['cluster-count'] ?? 1),
  });
  return Object.fromEntries(found.map(({ cluster_index: index, checksum }) => [index, checksum]));
}

function raidInfo(raid) {
  return dropEmpty({
    name: raid.name,
    strip_size_kb: raid.strip_size_kb,
    state: raid.state,
    raid_level: raid.raid_level,
    num_base_bdevs: raid.num_base_bdevs,
    num_base_bdevs_discovered: raid.num_base_bdevs_discovered,
    num_base_bdevs_operational: raid.num_base_bdevs_operational || undefined,
    base_bdevs_list: raid.base_bdevs_list.map((base) => ({
      name: base.name ?? '',
      uuid: base.uuid,
      is_configured: base.is_configured,
      data_offset: base.data_offset,
      data_size: base.data_size,
    })),
    superblock: raid.superblock,
  });
}

async function raidGet(rpc, name) {
  const bdevs = await rpc('bdev_get_bdevs', name === undefined ? {} : { name });
  return bdevs
    .filter(({ driver_specific: driver }) => driver?.raid !== undefined)
    .map((bdev) => bdevInfo(bdev, { raid: raidInfo(bdev.driver_specific.raid) }));
}

const lvolOf = ({ alias, uuid, name }) => alias ?? uuid ?? name;

const lvolListed = (lvol) => ({
  alias: lvol.alias,
  uuid: lvol.uuid,
  name: lvol.name,
  is_thin_provisioned: lvol.is_thin_provisioned,
  is_snapshot: lvol.is_snapshot,
  is_clone: lvol.is_clone,
  is_esnap_clone: lvol.is_esnap_clone,
  is_degraded: lvol.is_degraded,
  lvs: lvol.lvs,
});

const storeFilter = ({ 'lvs-name': lvs_name, uuid }) => dropEmpty({ lvs_name, uuid });

/** group → command → words for the error line, what to do, and how the answer is written if not as JSON has it. */
const groups = {
  'bdev-lvol': {
    get: ['get bdev lvol', (rpc, { args }) => lvolGet(rpc, args[0])],
    'get-fragmap': [
      'get bdev lvol fragmap',
      (rpc, { flags }) =>
        rpc('bdev_lvol_get_fragmap', {
          name: lvolOf(flags),
          offset: Number(flags.offset ?? 0),
          size: Number(flags.size ?? 0),
        }),
    ],
    'get-xattr': [
      'get bdev lvol xattr',
      (rpc, { flags }) =>
        rpc('bdev_lvol_get_xattr', {
          name: lvolOf(flags),
          xattr_name: flags['xattr-name'],
        }),
    ],
    'register-snapshot-checksum': [
      'register snapshot checksum',
      (rpc, { flags }) => rpc('bdev_lvol_register_snapshot_checksum', { name: lvolOf(flags) }),
    ],
    'register-range-checksums': [
      'register range checksums',
      (rpc, { flags }) => rpc('bdev_lvol_register_snapshot_range_checksums', { name: lvolOf(flags) }),
    ],
    'get-snapshot-checksum': [
      'get snapshot checksum',
      async (rpc, { flags }) => (await rpc('bdev_lvol_get_snapshot_checksum', { name: lvolOf(flags) })).checksum,
    ],
    'get-range-checksums': [
      'get range checksums',
      (rpc, { flags }) => rangeChecksums(rpc, flags),
      (text) => text.replaceAll(/": "(\d+)"/g, '": $1'),
    ],
    'stop-snapshot-checksum': [
      'stop snapshot checksum',
      (rpc, { flags }) => rpc('bdev_lvol_stop_snapshot_checksum', { name: lvolOf(flags) }),
    ],
  },
  'bdev-lvstore': {
    get: ['get bdev lvstore', (rpc, { flags }) => rpc('bdev_lvol_get_lvstores', storeFilter(flags))],
    'list-lvols': [
      'list lvols',
      async (rpc, { flags }) => (await rpc('bdev_lvol_get_lvols', storeFilter(flags))).map(lvolListed),
    ],
  },
  'bdev-raid': { get: ['get bdev raid', (rpc, { args }) => raidGet(rpc, args[0])] },
  expose: { stop: ['stop expose', (rpc, { flags }) => rpc('nvmf_delete_subsystem', { nqn: flags.nqn })] },
  bdev: { get: ['get bdev', (rpc, { args }) => rpc('bdev_get_bdevs', args[0] === undefined ? {} : { name: args[0] })] },
  'nvme-of': {
    'subsystem-get': [
      'get nvmf subsystems',
      (rpc, { flags }) => rpc('nvmf_get_subsystems', dropEmpty({ nqn: flags.nqn })),
    ],
  },
};
const shortNames = { lvol: 'bdev-lvol', lvs: 'bdev-lvstore', raid: 'bdev-raid', nvmf: 'nvme-of' };

function parseArguments(words) {
  const flags = {};
  const args = [];
  for (let position = 0; position < words.length; position++) {
    const match = /^--?([a-z-]+)(?:=(.*))?$/s.exec(words[position]);
    if (match === null) args.push(words[position]);
    else flags[match[1]] = match[2] ?? words[++position];
  }
  return { flags, args };
}

function openRpc() {
  const socket = connect(socketPath);
  const waiting = new Map();
  let nextId = 1;
  let text = '';
  socket.setEncoding('utf8');
  socket.setTimeout(timeoutMs, () =>
    socket.destroy(new Error(`no answer from ${socketPath} within ${timeoutMs / 1000} s`)),
  );
  socket.on('data', (chunk) => {
    text += chunk;
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    // 64 bits are more than a number of JavaScript holds.
    for (const line of lines) settle(JSON.parse(line.replaceAll(/"checksum":(\d+)/g, '"checksum":"$1"')));
  });
  const settle = ({ id, result, error }) => {
    const { method, params, resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) resolve(result);
    else
      reject(
        Object.assign(
          new Error(
            `error sending message, id ${id}, method ${method}, params ${JSON.stringify(params)}: {"code": ${error.code},"message": "${error.message}"}`,
          ),
          { code: error.code },
        ),
      );
  };
  const failAll = (error) => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  socket.on('error', (error) =>
    failAll(new Error(`dial unix ${socketPath}: connect: ${error.message}`, { cause: error })),
  );
  socket.on('close', () => failAll(new Error(`connection to ${socketPath} closed`)));
  const rpc = (method, params) =>
    new Promise((resolve, reject) => {
      const id = nextId++;
      waiting.set(id, { method, params, resolve, reject });
      socket.write(JSON.stringify({ id, jsonrpc: '2.0', method, params }));
    });
  return { rpc, close: () => socket.end() };
}

const quoted = (text) => JSON.stringify(String(text));

function fatal(message, error) {
  const detail = error === undefined ? '' : ` error=${quoted(error.message)}`;
  process.stderr.write(
    `time=${quoted(new Date().toISOString().replace(/\.\d+Z$/, 'Z'))} level=fatal msg=${quoted(message)}${detail}\n`,
  );
  process.exitCode = 1;
}

async function main([group = '', command = '', ...words]) {
  const entry = groups[shortNames[group] ?? group]?.[command];
  if (entry === undefined) {
    const known = Object.entries(groups).flatMap(([name, commands]) =>
      Object.keys(commands).map((one) => `${name} ${one}`),
    );
    fatal(
      `Failed to execute command: no command ${quoted(`${group} ${command}`.trim())}; served here: ${known.join(', ')}`,
    );
    return;
  }
  const [what, run, written = (text) => text] = entry;
  const { rpc, close } = openRpc();
  try {
    process.stdout.write(`${written(JSON.stringify(await run(rpc, parseArguments(words)), null, '\t'))}\n`);
  } catch (error) {
    fatal(`Failed to run ${what} command`, error);
  } finally {
    close();
  }
}

await main(process.argv.slice(2).filter((word) => word !== '--debug'));
