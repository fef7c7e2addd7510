import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { DebianPackage } from '../../support/servers/debian-package';
import { folderOf, isInstalled } from '../../support/servers/installed-program';
import { PrivateFolder } from '../../support/servers/private-folder';
import { procps } from '../../support/servers/process-family';
import { TYPESCRIPT_HOOK } from '../../support/worker-process';

export const supervisor: readonly DebianPackage[] = [
  { name: 'supervisor', isInstalled: () => isInstalled('supervisord') },
  procps,
];

export interface Program {
  readonly name: string;
  readonly file: string;
  readonly processes: number;
  readonly environment: NodeJS.ProcessEnv;
}

/** A supervisord of our own. It and its programs end when we end, however we end. */
export class Supervisord {
  private constructor(
    private readonly folder: PrivateFolder,
    private readonly pid: number,
    private readonly ended: Promise<unknown>,
  ) {}

  static async start(programs: readonly Program[]): Promise<Supervisord> {
    const folder = await PrivateFolder.create('supervisord');
    await folder.write('supervisord.conf', [general(folder), ...programs.map(section)].join('\n'));
    const child = await folder.spawn({
      file: join(folderOf('supervisord') ?? '', 'supervisord'),
      args: ['--nodaemon', '--configuration', folder.at('supervisord.conf')],
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    return new Supervisord(folder, child.pid ?? 0, ended);
  }

  /** The processes that it has started and that run. */
  children(): number[] {
    try {
      return execFileSync('pgrep', ['--parent', String(this.pid)], { encoding: 'utf8' })
        .trim()
        .split('\n')
        .map(Number);
    } catch {
      // pgrep's way to say that there is none.
      return [];
    }
  }

  /** Lets it stop its programs in order, and removes all that is left of it. */
  async stop(): Promise<void> {
    process.kill(this.pid, 'SIGTERM');
    await this.ended;
    await this.folder.remove();
  }
}

function general(folder: PrivateFolder): string {
  return `[supervisord]
logfile=${folder.at('supervisord.log')}
pidfile=${folder.at('supervisord.pid')}
childlogdir=${folder.path}
`;
}

function section({ name, file, processes, environment }: Program): string {
  const variables = Object.entries(environment).map(([key, value]) => `${key}="${value}"`);
  return `[program:${name}]
command=${process.execPath} --require ${TYPESCRIPT_HOOK} ${file}
process_name=%(program_name)s_%(process_num)02d
numprocs=${processes}
autorestart=true
startsecs=0
stopsignal=TERM
stopwaitsecs=15
environment=${variables.join(',')}
`;
}
