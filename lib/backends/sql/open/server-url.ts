import { InvalidConfigurationError, shown } from '../../../core/contract/errors';

/** A URL of one server, or of several of which one takes writes: `postgres://user:password@h1:5432,h2:5433/database`. */
export interface ServerUrl {
  readonly scheme: string;
  /** Each as in the URL, `host:port` or `host`, with the same URL for this host alone. */
  readonly hosts: readonly { readonly name: string; readonly url: URL }[];
  readonly parameters: URLSearchParams;
}

const PARTS = /^([a-z0-9+]+):\/\/(?:([^/?#]*)@)?([^/?#@]*)(\/[^?#]*)?(\?[^#]*)?$/i;

/** @throws {InvalidConfigurationError} for a URL that is not complete. The message never shows it: it may hold a password */
export function serverUrl(url: string): ServerUrl {
  const [, protocol = schemeOf(url), user = '', authority = '', path = '', query = ''] =
    PARTS.exec(url) ?? [];
  const scheme = protocol.toLowerCase();
  const hosts = authority.split(',').map((name) => {
    const text = `${scheme}://${user === '' ? '' : `${user}@`}${name}${path}${query}`;
    const alone = URL.canParse(text) ? new URL(text) : undefined;
    if (!alone?.hostname || alone.pathname.length < 2) {
      throw new InvalidConfigurationError(
        `The ${scheme} URL is not complete: use ${scheme}://user:password@host:port/database, with a comma between several hosts.`,
      );
    }
    if (!isDecodable(alone.username) || !isDecodable(alone.password)) {
      throw new InvalidConfigurationError(
        `The ${scheme} URL has a % in its user or password that escapes nothing: write it as %25.`,
      );
    }
    return { name, url: alone };
  });
  return { scheme, hosts, parameters: new URLSearchParams(query) };
}

/**
 * Refuses a parameter about TLS that the driver does not know (`ssl-mode` where it is `sslmode`): ignoring it would open
 * a connection in plain text without a word.
 *
 * @throws {InvalidConfigurationError}
 */
export function refuseUnknownTls({ scheme, parameters }: ServerUrl, known: readonly string[]): void {
  for (const name of parameters.keys()) {
    if (!/^(ssl|tls)/i.test(name) || known.includes(name)) continue;
    throw new InvalidConfigurationError(
      `The ${scheme} URL has the parameter ${shown(name)}, which is not known: use ${known.join(', ')}.`,
    );
  }
}

export function schemeOf(url: string): string {
  return /^([a-z0-9+]+):/i.exec(url)?.[1]?.toLowerCase() ?? '';
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
