/** Every venue's own rule, added up: nothing to choose. */
export interface SiloedModel {
  readonly preset: 'siloed';
  readonly parameters: Readonly<Record<string, never>>;
  readonly scenarios: readonly [];
}
