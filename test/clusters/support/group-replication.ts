import { randomUUID } from 'node:crypto';
import { askMysql, type Row } from '../../support/ask';
import { freePort } from '../../support/servers/free-port';
import { startMysql } from '../../support/servers/mysql';
import type { PrivateServer } from '../../support/servers/private-server';
import { until } from '../../support/until';

const NODES = 3;
const PASSWORD = 'of-all-nodes';
const SECONDS_TO_JOIN = 30;

/** MySQL's Group Replication: three nodes, one of which is the primary, where one may write. */
export async function startGroup(): Promise<readonly PrivateServer[]> {
  const name = randomUUID();
  const addresses = await Promise.all(
    Array.from({ length: NODES }, async () => `127.0.0.1:${await freePort()}`),
  );
  const nodes = await Promise.all(
    addresses.map((address, index) =>
      startMysql({ password: PASSWORD, further: options(index + 1, name, address, addresses) }),
    ),
  );
  for (const node of nodes) await joinGroup(node, node === nodes[0]);
  return nodes;
}

function options(id: number, name: string, address: string, all: readonly string[]): string[] {
  return [
    `--server-id=${id}`,
    '--gtid-mode=ON',
    '--enforce-gtid-consistency=ON',
    '--plugin-load-add=group_replication.so',
    `--loose-group-replication-group-name=${name}`,
    '--loose-group-replication-start-on-boot=OFF',
    `--loose-group-replication-local-address=${address}`,
    `--loose-group-replication-group-seeds=${all.join(',')}`,
    // By which a node that joins signs in at another one, without TLS.
    '--loose-group-replication-recovery-get-public-key=ON',
  ];
}

/** Lets a node that runs join the group, as the first one or behind others; nothing when it is a member. */
export async function joinGroup(node: PrivateServer, isFirst = false): Promise<void> {
  if ((await members(node)).some(isOnlineAt(node))) return;
  const { username, password } = new URL(node.url);
  await askMysql(
    node.url,
    `change replication source to source_user = '${username}', source_password = '${password}' for channel 'group_replication_recovery'`,
  );
  if (isFirst) await askMysql(node.url, 'set global group_replication_bootstrap_group = on');
  await askMysql(node.url, 'start group_replication');
  if (isFirst) await askMysql(node.url, 'set global group_replication_bootstrap_group = off');
  await until('the node is a member', async () => (await members(node)).some(isOnlineAt(node)), {
    within: SECONDS_TO_JOIN,
  });
}

/** The port of the group's primary, as this node sees it. */
export async function primaryPort(node: PrivateServer): Promise<number | undefined> {
  const primary = (await members(node)).find(({ role, state }) => role === 'PRIMARY' && state === 'ONLINE');
  return primary && Number(primary['port']);
}

function isOnlineAt({ port }: PrivateServer): (member: Row) => boolean {
  return (member) => member['state'] === 'ONLINE' && Number(member['port']) === port;
}

function members(node: PrivateServer): Promise<Row[]> {
  return askMysql(
    node.url,
    `select member_port as port, member_role as role, member_state as state from performance_schema.replication_group_members`,
  );
}
