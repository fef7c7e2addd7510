import { domainToASCII } from 'node:url';

// A dot-atom of RFC 5322, in any script (RFC 6531). Quoted local parts and comments are left out on purpose.
const LOCAL_PART = /^[^\s\p{C}@<>()[\]\\,;:".]+(?:\.[^\s\p{C}@<>()[\]\\,;:".]+)*$/u;
const HOST_NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;
// RFC 5321 4.5.3.1.3 has 256 octets for a path, with its angle brackets and a separator.
const MAX_LENGTH = 253;

/** Whether the text is one plain address, without a display name. */
export function isMailAddress(text: string): boolean {
  const [localPart = '', domain = '', ...more] = text.split('@');
  return (
    more.length === 0 &&
    text.length <= MAX_LENGTH &&
    LOCAL_PART.test(localPart) &&
    HOST_NAME.test(domainToASCII(domain))
  );
}

/** The domain as DNS knows it: lower case, `bücher.example` as `xn--bcher-kva.example`; '' when it is none. */
export function domainOf(address: string): string {
  return domainToASCII(address.slice(address.lastIndexOf('@') + 1));
}

/** The one spelling of an address: the case of a domain means nothing, that of a local part may. */
export function canonicalAddress(address: string): string {
  return `${address.slice(0, address.lastIndexOf('@'))}@${domainOf(address)}`;
}
