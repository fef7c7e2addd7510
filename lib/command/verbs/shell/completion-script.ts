import type { Command } from 'commander';

export const SHELLS = ['bash', 'zsh'] as const;
export type Shell = (typeof SHELLS)[number];

/** What may follow after the words before it: `schedules` → its verbs and options. */
type Words = ReadonlyMap<string, readonly string[]>;

/** A script that completes verbs, options and their choices. It asks no queue, so that a Tab takes no time. */
export function completionScript(program: Command, shell: Shell): string {
  const words = wordsOf(program);
  const verbs = [...words.keys()].filter((verb) => verb !== '');
  return (shell === 'bash' ? bash : zsh)(program.name(), {
    verbs: `|${verbs.join('|')}|`,
    candidates: [
      'case "$verb" in',
      ...[...words].map(([verb, next]) => `  '${verb}') candidates='${next.join(' ')}' ;;`),
      'esac',
      'case "$verb $previous" in',
      ...choicesOf(program).map(([option, next]) => `  '${option}') candidates='${next.join(' ')}' ;;`),
      'esac',
    ].map((line) => `  ${line}`),
  });
}

interface Parts {
  /** Between bars: `|stats|schedules|schedules run|`. */
  readonly verbs: string;
  /** Lines that set `candidates` by `verb` and `previous`. */
  readonly candidates: readonly string[];
}

/** Lines that append to `verb` a word that is one, or one below it. */
function verbOf(verbs: string): string {
  return `case '${verbs}' in *"|\${verb:+$verb }$word|"*) verb="\${verb:+$verb }$word" ;; esac`;
}

function bash(name: string, { verbs, candidates }: Parts): string {
  return `_${identifier(name)}() {
  local verb='' candidates='' word previous="\${COMP_WORDS[COMP_CWORD-1]}"
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    ${verbOf(verbs)}
  done
${candidates.join('\n')}
  COMPREPLY=($(compgen -W "$candidates" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _${identifier(name)} ${name}
`;
}

/** As a file of `fpath` it is the function, and has to complete at its first call, which defines it. */
function zsh(name: string, { verbs, candidates }: Parts): string {
  return `#compdef ${name}
_${name}() {
  local verb='' candidates='' word previous="\${words[CURRENT-1]}"
  for word in "\${(@)words[2,CURRENT-1]}"; do
    ${verbOf(verbs)}
  done
${candidates.join('\n')}
  compadd -- \${=candidates}
}
if [ "\${funcstack[1]}" = '_${name}' ]; then _${name} "$@"; else compdef _${name} ${name}; fi
`;
}

function identifier(name: string): string {
  return name.replace(/\W/g, '_');
}

function wordsOf(command: Command, path = '', shared: readonly string[] = []): Words {
  const own = command.options.map(({ long }) => long ?? '').filter((flag) => flag !== '');
  const options = [...own, ...shared, '--help'];
  const global = path === '' ? own : shared;
  const choices = command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices);
  const words = new Map([[path, [...command.commands.map((each) => each.name()), ...choices, ...options]]]);
  for (const each of command.commands) {
    const below = wordsOf(each, path === '' ? each.name() : `${path} ${each.name()}`, global);
    below.forEach((next, key) => words.set(key, [...next]));
  }
  return words;
}

/** What may follow after an option of a verb: `clear --state` → its states. */
function choicesOf(command: Command, path = ''): (readonly [option: string, next: readonly string[]])[] {
  const own = command.options.flatMap(({ long, argChoices }) =>
    long && argChoices ? [[`${path} ${long}`, argChoices] as const] : [],
  );
  const below = command.commands.flatMap((each) =>
    choicesOf(each, path === '' ? each.name() : `${path} ${each.name()}`),
  );
  return [...own, ...below];
}
