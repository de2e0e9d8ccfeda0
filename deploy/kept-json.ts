const WIDTH = 120;
const SCALAR = String.raw`(?:"(?:[^"\\]|\\.)*"|-?\d[\d.e+-]*|true|false|null)`;
const LIST = new RegExp(String.raw`^( *(?:"(?:[^"\\]|\\.)*": )?)\[\n((?: *${SCALAR},?\n)+) *\](,?)$`, 'gm');

/** JSON as the formatter keeps it, so that a file written anew is the same to the byte: a list of values that fits is one line. */
export function keptJson(value: unknown): string {
  const text = JSON.stringify(value, undefined, 2).replaceAll(
    LIST,
    (list: string, key: string, items: string, end: string) => {
      const line = `${key}[${items.trim().split(/\n */).join(' ')}]${end}`;
      return line.length <= WIDTH ? line : list;
    },
  );
  return `${text}\n`;
}
