/** What is kept of a foreign error: its words without the node's secrets. Plain data, so that no printer finds the URL in it. */
export interface RedactedCause {
  readonly name: string;
  readonly message: string;
  /** The JSON-RPC error code or HTTP status, where the node gave one. */
  readonly code?: number;
  readonly cause?: RedactedCause;
}

/** Scheme, host and port of a URL. Path, query and user info often carry a key, so they are dropped. */
export function redactUrl(url: string): string {
  if (!URL.canParse(url)) return '(not a URL)';
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

/** The words of an error, and of what caused it, without anything of the URL but its host. */
export function redactCause(error: unknown, url: string): RedactedCause {
  const secrets = secretsOf(url);
  return causeOf(error, secrets);
}

/** A text without anything of the URL but its host. */
export function redactText(text: string, url: string): string {
  return hide(text, secretsOf(url));
}

function causeOf(error: unknown, secrets: readonly string[]): RedactedCause {
  if (!(error instanceof Error)) return { name: 'unknown', message: hide(String(error), secrets) };
  const { cause, code, status } = error as Error & { readonly code?: unknown; readonly status?: unknown };
  const number = typeof code === 'number' ? code : status;
  return {
    name: error.name,
    message: hide(error.message, secrets),
    ...(typeof number === 'number' && { code: number }),
    ...(cause !== undefined && cause !== null && { cause: causeOf(cause, secrets) }),
  };
}

/** Longest first, so that a part never uncovers the rest. A lone slash is no secret. */
function secretsOf(url: string): readonly string[] {
  if (!URL.canParse(url)) return url === '' ? [] : [url];
  const { href, pathname, search, hash, username, password } = new URL(url);
  const bare = [url, href, url.replace(/\/$/, ''), `${pathname}${search}`, pathname, pathname.replace(/^\/+/, '')];
  const parts = [...bare, search, search.slice(1), hash, username, password, decodeURIComponent(password)];
  const long = parts.filter((part) => part.length > 1 && part !== `${new URL(url).protocol}//${new URL(url).host}`);
  return [...new Set(long)].sort((a, b) => b.length - a.length);
}

function hide(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, '…'), text);
}
