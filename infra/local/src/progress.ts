import { styleText } from 'node:util';

export interface Progress {
  /** Something that is so now. */
  say(text: string): void;
  /** Announced only when it takes over a second, and again every ten. */
  step<T>(text: string, work: () => Promise<T>): Promise<T>;
  warn(text: string): void;
}

export function openProgress(write: (text: string) => void, colour: boolean): Progress {
  const paint = (style: 'red' | 'gray' | 'bold', text: string) =>
    colour ? styleText(style, text, { validateStream: false }) : text;
  return {
    say: (text) => write(`${text}\n`),
    warn: (text) => write(`${paint('red', text)}\n`),
    async step(text, work) {
      const start = performance.now();
      const seconds = () => ((performance.now() - start) / 1000).toFixed(1);
      let shown = false;
      const show = () => {
        write(paint('gray', shown ? `${text} … ${seconds()} s\n` : `${text} …\n`));
        shown = true;
        timer = setTimeout(show, 10_000);
      };
      let timer = setTimeout(show, 1000);
      try {
        return await work();
      } finally {
        clearTimeout(timer);
        if (shown) write(paint('gray', `${text}: ${seconds()} s\n`));
      }
    },
  };
}
