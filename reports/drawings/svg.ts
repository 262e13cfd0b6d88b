/** SVG as text: self-contained, and nothing that a log says can become markup. */

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

/** Text as it may stand in XML content and in attributes; characters that XML 1.0 cannot hold become `�`. */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '�')
    .replace(/[&<>"']/g, (character) => escapes[character] ?? '');
}

type Attributes = Readonly<Record<string, string | number | undefined>>;

/** One element; `children` are elements already, so plain text goes through `escapeXml` first. */
export function element(name: string, attributes: Attributes, children: readonly string[] = []): string {
  const given = Object.entries(attributes)
    .filter((entry): entry is [string, string | number] => entry[1] !== undefined)
    .map(
      ([key, value]) =>
        ` ${key}="${escapeXml(typeof value === 'number' ? `${Math.round(value * 100) / 100}` : value)}"`,
    )
    .join('');
  return children.length === 0 ? `<${name}${given}/>` : `<${name}${given}>${children.join('')}</${name}>`;
}

export interface TextOptions {
  readonly x: number;
  readonly y: number;
  readonly size?: number;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly bold?: boolean;
  readonly fill?: string;
}

export function textElement(text: string, { x, y, size = 12, anchor, bold, fill }: TextOptions): string {
  const attributes = {
    x,
    y,
    'font-size': size,
    'text-anchor': anchor,
    'font-weight': bold === true ? 'bold' : undefined,
    fill,
  };
  return element('text', attributes, [escapeXml(text)]);
}

/** What a mouse over the parent element shows. */
export function tooltip(text: string): string {
  return element('title', {}, [escapeXml(text)]);
}

export interface Drawing {
  readonly width: number;
  readonly height: number;
  /** For screen readers, and for a browser's tab. */
  readonly title: string;
  readonly body: readonly string[];
}

/** A whole document on a light background, in a font that every machine has. */
export function svgDocument({ width, height, title, body }: Drawing): string {
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    width,
    height,
    viewBox: `0 0 ${Math.round(width)} ${Math.round(height)}`,
    role: 'img',
    'font-family': 'system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif',
    fill: '#1b1f24',
  };
  const background = element('rect', { width, height, fill: '#ffffff' });
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('svg', attributes, [tooltip(title), background, ...body])}\n`;
}

/** The longest beginning that fits, assuming characters of an average width. */
export function fitText(text: string, widthPx: number, size = 12): string {
  const room = Math.max(1, Math.floor(widthPx / (size * 0.6)));
  return text.length <= room ? text : `${text.slice(0, room - 1)}…`;
}
