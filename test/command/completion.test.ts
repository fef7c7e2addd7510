import { execFile } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type DebianPackage, installMissing } from '../support/servers/debian-package';
import { isInstalled } from '../support/servers/installed-program';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder';
import { CommandLine, PROGRAM } from './command-line';
import { Terminal } from './terminal';

const execute = promisify(execFile);
const zsh: DebianPackage = { name: 'zsh', isInstalled: () => isInstalled('zsh') };

jest.setTimeout(90_000);

const command = new CommandLine();

beforeAll(() => installMissing([zsh]));

describe('the completion', () => {
  it.each([
    { words: ['job-queue', ''], candidates: ['stats', 'kick', 'schedules', '--url'] },
    { words: ['job-queue', 'schedules', ''], candidates: ['list', 'run', 'pause', 'resume', 'remove'] },
    { words: ['job-queue', 'kick', 'mail', '--'], candidates: ['--reason', '--since', '--dry-run', '--yes'] },
    { words: ['job-queue', 'list', 'mail', '--state', ''], candidates: ['ready', 'buried', 'completed'] },
    { words: ['job-queue', 'sql', 'my'], candidates: ['mysql'] },
  ])('offers $candidates after $words', async ({ words, candidates }) => {
    const [script, zshScript] = await Promise.all(
      ['bash', 'zsh'].map(async (shell) => (await command.run(['completion', shell])).stdout),
    );
    const quoted = words.map((word) => `'${word}'`).join(' ');
    const inBash = `${script}\nCOMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _job_queue; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const bash = await execute('bash', ['--norc', '-c', inBash]);
    expect(bash.stdout.split('\n')).toEqual(expect.arrayContaining(candidates));
    const inZsh = `compdef() {}\n${zshScript}\ncompadd() { shift; print -l -- "$@" }\nwords=(${quoted}); CURRENT=${words.length}; _job-queue`;
    const other = await execute('zsh', ['-f', '-c', inZsh]);
    expect(other.stdout.split('\n')).toEqual(expect.arrayContaining(candidates));
  });
});

describe.each([
  {
    shell: 'bash',
    start: ['bash', '--norc', '--noprofile', '-i'],
    setUp: 'source <(job-queue completion bash)',
  },
  {
    shell: 'zsh',
    start: ['zsh', '-f', '-i'],
    setUp:
      'fpath=($HOME $fpath); job-queue completion zsh > "${fpath[1]}/_job-queue"; autoload -Uz compinit; compinit -u -d $HOME/dump',
  },
])('on a terminal in $shell', ({ start, setUp }) => {
  let home: TemporaryFolder;

  beforeAll(async () => {
    home = await temporaryFolder();
    const program = join(home.path, 'job-queue');
    await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`);
    await chmod(program, 0o755);
  });
  afterAll(() => home.remove());

  it('a Tab completes, the first one too', async () => {
    const terminal = new Terminal(start, { PATH: `${home.path}:${process.env['PATH']}`, HOME: home.path });
    terminal.type(`${setUp}; echo set"" up\n`);
    await terminal.shows(/^set up/m);
    terminal.type('job-queue sched\t');
    await terminal.shows(/job-queue schedules/);
    terminal.type('l\t');
    await terminal.shows(/job-queue schedules[ \b]+list/);
    terminal.type(' --js\t');
    await terminal.shows(/schedules[ \b]+list[ \b]+--json/);
    terminal.type('\u0015exit\n');
    await terminal.exitCode();
  });
});

it('offers after an option what its verb takes', async () => {
  const script = (await command.run(['completion', 'bash'])).stdout;
  const line = `${script}\nCOMP_WORDS=(job-queue clear mail --state ''); COMP_CWORD=4; _job_queue; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await execute('bash', ['--norc', '-c', line]);
  expect(stdout.trim().split('\n')).toEqual(['ready', 'delayed', 'buried']);
});
