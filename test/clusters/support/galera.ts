import { join } from 'node:path';
import { askMysql } from '../../support/ask';
import { freePort } from '../../support/servers/free-port';
import { mariadbOf, newestMariadb } from '../../support/servers/mariadb';
import { mysqlUser } from '../../support/servers/mysql-user';
import { copyData } from '../../support/servers/prepared-data';
import { type Command, PrivateFolder } from '../../support/servers/private-folder';
import { PrivateServer } from '../../support/servers/private-server';
import { insteadOfRoot } from '../../support/servers/system-user';

const NODES = 3;
const PASSWORD = 'of-all-nodes';

interface Ports {
  readonly mysql: number;
  /** Of the nodes' group. */
  readonly group: number;
  /** Of what a node has missed, and of all data. */
  readonly missed: number;
  readonly all: number;
}

/** MariaDB with Galera: three nodes on which one may write alike. */
export async function startGalera(): Promise<readonly PrivateServer[]> {
  const root = await newestMariadb();
  const ports = await Promise.all(Array.from({ length: NODES }, portsOfNode));
  const nodes: PrivateServer[] = [];
  // One after the other: each copies the data of those before.
  for (const own of ports) nodes.push(await startNode(root, own, ports));
  return nodes;
}

async function portsOfNode(): Promise<Ports> {
  const [mysql, group, missed, all] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  return { mysql, group, missed, all };
}

async function startNode(root: string, own: Ports, all: readonly Ports[]): Promise<PrivateServer> {
  const folder = await PrivateFolder.create('galera', insteadOfRoot('mysql'));
  await copyData(root, folder);
  const user = await mysqlUser(folder, PASSWORD);
  const url = user.urlAt(own.mysql);
  let isFirst = own === all[0];
  return PrivateServer.start({
    name: 'a node of Galera',
    url,
    port: own.mysql,
    folder,
    // Only the first start of the first one makes the cluster.
    get command() {
      return nodeCommand(
        root,
        folder,
        own,
        all,
        isFirst ? ['--wsrep-new-cluster', `--init-file=${user.file}`] : [],
      );
    },
    // It may have to copy the data of another one first.
    secondsToStart: 90,
    stopSignal: 'SIGTERM',
    answer: async () => {
      const [status] = await askMysql(url, `show status like 'wsrep_ready'`);
      if (status?.['Value'] !== 'ON') throw new Error('It has not joined the cluster yet.');
      isFirst = false;
    },
  });
}

function nodeCommand(
  root: string,
  folder: PrivateFolder,
  own: Ports,
  all: readonly Ports[],
  further: readonly string[],
): Command {
  const { file, args } = mariadbOf(root);
  const addresses = all.map(({ group }) => `127.0.0.1:${group}`).join(',');
  return {
    file: 'env',
    args: [
      // Where the scripts are by which nodes copy data, and the programs that these call.
      `PATH=${join(root, 'usr/bin')}:${process.env['PATH'] ?? ''}`,
      file,
      '--no-defaults',
      ...args,
      `--datadir=${folder.at('data')}`,
      `--tmpdir=${folder.path}`,
      `--pid-file=${folder.at('pid')}`,
      `--socket=${folder.at('socket')}`,
      '--bind-address=127.0.0.1',
      `--port=${own.mysql}`,
      '--skip-name-resolve',
      '--character-set-server=utf8mb4',
      '--max-connections=300',
      '--binlog-format=ROW',
      '--innodb-autoinc-lock-mode=2',
      '--wsrep-on=ON',
      `--wsrep-provider=${join(root, 'usr/lib/galera/libgalera_smm.so')}`,
      '--wsrep-cluster-name=jobs',
      `--wsrep-cluster-address=gcomm://${addresses}`,
      `--wsrep-node-address=127.0.0.1:${own.group}`,
      `--wsrep-provider-options=${[
        `gmcast.listen_addr=tcp://127.0.0.1:${own.group}`,
        `ist.recv_addr=127.0.0.1:${own.missed}`,
        'gcache.size=32M',
      ].join(';')}`,
      '--wsrep-sst-method=rsync',
      `--wsrep-sst-receive-address=127.0.0.1:${own.all}`,
      ...further,
    ],
  };
}
