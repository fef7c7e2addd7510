import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { InvalidConfigurationError, shown } from '../../../../core/contract/errors';
import { refuseUnknownTls, type ServerUrl } from '../../open/server-url';

const TLS = ['ssl', 'ssl-mode', 'ssl-ca'];

/** What mysql2 connects with. It knows no `ssl=true` and no `ssl-mode`, and TypeORM heeds neither. */
export function mysqlUrlOptions(url: URL, whole: ServerUrl): object {
  refuseUnknownTls(whole, TLS);
  const ssl = tlsOf(whole.parameters);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // It looks for the name localhost in the certificate then, whatever the address is.
  if (ssl?.verifyIdentity && ssl.rejectUnauthorized !== false && isIP(host) > 0) {
    throw new InvalidConfigurationError(
      `The URL names the server by its address, ${host}, and mysql2 does not compare an address with the certificate: write the host name that is in the certificate, or ssl-mode=VERIFY_CA, which checks who signed it and no name.`,
    );
  }
  return {
    host,
    port: Number(url.port || 3306),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    ...(ssl && { ssl }),
  };
}

/** Undefined: in plain text, as nothing else was asked for. */
function tlsOf(parameters: URLSearchParams): Tls | undefined {
  const ca = parameters.get('ssl-ca');
  const given = { ...byMode(parameters.get('ssl-mode')), ...bySsl(parameters.get('ssl')) };
  if (ca === null) return Object.keys(given).length > 0 ? given : undefined;
  return { ...CHECKED, ...given, ca: contentOf(ca) };
}

/** Beside these, options of tls.connect(). */
interface Tls {
  readonly verifyIdentity?: unknown;
  readonly rejectUnauthorized?: unknown;
  readonly ca?: string;
}

/** Encrypts, and checks the server's certificate and name. */
const CHECKED = { rejectUnauthorized: true, verifyIdentity: true };

function byMode(mode: string | null): Tls | undefined {
  switch (mode?.toUpperCase()) {
    case undefined:
    case 'DISABLED':
      return undefined;
    case 'REQUIRED':
    case 'VERIFY_IDENTITY':
      return CHECKED;
    case 'VERIFY_CA':
      return { ...CHECKED, verifyIdentity: false };
    default:
      throw new InvalidConfigurationError(
        `The ssl-mode ${shown(mode)} of the URL is not one of REQUIRED, VERIFY_CA, VERIFY_IDENTITY and DISABLED: nothing in between is encrypted for certain.`,
      );
  }
}

function bySsl(ssl: string | null): Tls | undefined {
  if (ssl === null || ssl === 'false' || ssl === '0') return undefined;
  if (ssl === 'true' || ssl === '1') return CHECKED;
  try {
    const options: unknown = JSON.parse(ssl);
    if (typeof options === 'object' && options !== null) return { ...CHECKED, ...options };
  } catch {
    // Not JSON: refused below. Its text may hold a key.
  }
  throw new InvalidConfigurationError(
    'The ssl of the URL is none: use ssl=true, or options of tls.connect() as JSON, such as ssl={"rejectUnauthorized":false}.',
  );
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new InvalidConfigurationError(
      `The file that ssl-ca of the URL names cannot be read: ${String((error as { code?: unknown }).code)}. Correct the path, or let this process read it.`,
    );
  }
}
