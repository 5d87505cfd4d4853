/** What a script could not do, in one sentence. Scripts have no callers that match on it. */
export class ScriptError extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'ScriptError';
  }
}
