/** A part of a document that a test writes: between `<!-- NAME -->` and `<!-- /NAME -->`. */
export function replacePart(document: string, name: string, part: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new Error(`no part ${name}`);
  return `${document.slice(0, from + begin.length)}\n\n<!-- prettier-ignore-start -->\n${part}\n<!-- prettier-ignore-end -->\n\n${document.slice(to)}`;
}

export function readPart(document: string, name: string): string {
  const inside = document.split(`<!-- ${name} -->`)[1]?.split(`<!-- /${name} -->`)[0] ?? '';
  return inside.replaceAll(/<!-- prettier-ignore-(?:start|end) -->/g, '').trim();
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function cell(text: string): string {
  return text
    .replaceAll('|', '\\|')
    .replaceAll(/[\r\n]+/g, ' ')
    .trim();
}
