import { InvalidConfigurationError } from '../../../core/contract/errors';

/** Checks the URL of a server; a message about it never repeats it, because it may hold a password. */
export function serverUrl(url: string): string {
  const scheme = schemeOf(url);
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed?.hostname || parsed.pathname.length < 2) {
    throw new InvalidConfigurationError(
      `The ${scheme} URL is not complete: use ${scheme}://user:password@host:port/database.`,
    );
  }
  if (!isDecodable(parsed.username) || !isDecodable(parsed.password)) {
    throw new InvalidConfigurationError(
      `The ${scheme} URL has a % in its user or password that escapes nothing: write it as %25.`,
    );
  }
  return url;
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
