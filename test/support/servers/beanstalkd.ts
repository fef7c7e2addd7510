import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { askBeanstalkd } from '../ask';
import { type DebianPackage, installMissing } from './debian-package';
import { freePort } from './free-port';
import { folderOf, isInstalled } from './installed-program';
import { PrivateFolder } from './private-folder';
import { PrivateServer } from './private-server';
import { procps } from './process-family';
import { unstableRoot, type UnstableSetup, wantsNewest } from './unstable-root';

export const beanstalkdPackages: readonly DebianPackage[] = [
  { name: 'beanstalkd', isInstalled: () => wantsNewest() || isInstalled('beanstalkd') },
  procps,
];

const NEWEST: UnstableSetup = {
  name: 'beanstalkd',
  packages: ['beanstalkd', 'libc-bin'],
  programs: ['usr/bin/beanstalkd'],
};

export interface BeanstalkdOptions {
  /** Of one job, in bytes; beanstalkd's own default is 65,535. */
  readonly maxJobSize?: number;
}

/** A private beanstalkd with a binlog, so that its jobs survive its end. */
export async function startBeanstalkd({ maxJobSize }: BeanstalkdOptions = {}): Promise<PrivateServer> {
  installMissing(beanstalkdPackages);
  const folder = await PrivateFolder.create('beanstalkd');
  const port = await freePort();
  const url = `beanstalkd://127.0.0.1:${port}`;

  await mkdir(folder.at('binlog'));
  return PrivateServer.start({
    name: 'beanstalkd',
    url,
    port,
    folder,
    command: {
      file: wantsNewest()
        ? join(await unstableRoot(NEWEST), 'usr/bin/beanstalkd')
        : join(folderOf('beanstalkd') ?? '', 'beanstalkd'),
      args: [
        ['-l', '127.0.0.1'],
        ['-p', String(port)],
        ['-b', folder.at('binlog')],
        maxJobSize === undefined ? [] : ['-z', String(maxJobSize)],
      ].flat(),
    },
    stopSignal: 'SIGTERM',
    answer: () => askBeanstalkd(url, 'list-tube-used'),
  });
}
