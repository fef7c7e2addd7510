import type { DebianPackage } from './debian-package';
import { isInstalled } from './installed-program';
import type { Command } from './private-folder';

export const openssl: DebianPackage = { name: 'openssl', isInstalled: () => isInstalled('openssl') };

/** Makes `<name>.crt`, which is its own authority, and `<name>.key` in a folder of the place where it runs. */
export function certificateOf(name: string, folder = '.'): Command {
  const args = `req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=${name} -addext subjectAltName=DNS:${name} -keyout ${folder}/${name}.key -out ${folder}/${name}.crt`;
  return { file: 'openssl', args: args.split(' ') };
}
