/** Markup that is finished: text in it was escaped. */
export interface Markup {
  readonly markup: string;
}

/** What an element may hold. Text is escaped, nothing is dropped. */
export type Content = string | number | Markup | readonly Content[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
/** Elements of HTML that have no end. */
const VOID = ['meta', 'br'];

/** Text as it may stand between tags and in attributes. */
export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

/** An element of HTML or SVG, with its attributes and content. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>> = {},
  ...content: readonly Content[]
): Markup {
  const said = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeText(`${value}`)}"`);
  const open = `<${name}${said.join('')}>`;
  return { markup: VOID.includes(name) ? open : `${open}${renderContent(content)}</${name}>` };
}

/** A style sheet, which is no text of HTML: it may hold no end of its element. */
export function styleSheet(css: string): Markup {
  return { markup: `<style>${css.replaceAll('</', '<\\/')}</style>` };
}

function renderContent(content: Content): string {
  if (typeof content === 'string') return escapeText(content);
  if (typeof content === 'number') return `${content}`;
  if ('markup' in content) return content.markup;
  return content.map(renderContent).join('');
}
