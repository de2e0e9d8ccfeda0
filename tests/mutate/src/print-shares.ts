import { type Share, type Shares, total } from './shares.ts';

/** What was not noticed, change by change, then the share of each file and of all. */
export function printShares(name: string, goal: number, { files, unnoticed, outdated }: Shares): void {
  for (const { at, line, from, to } of unnoticed) {
    say(`\n${at}  ${line}\n  ${oneLine(from)}  ->  ${oneLine(to)}`);
  }
  for (const { file, line } of outdated) {
    say(`\n${file}  ${line}\n  is named as equivalent and is not`);
  }
  say('');
  for (const share of files) say(row(share.file, share));
  say(`${row(`${name}, all`, total(files))}  (goal ${(goal * 100).toFixed(0)} %)`);
}

function row(what: string, { noticed, counted, equivalent }: Omit<Share, 'file'>): string {
  const share = counted === 0 ? 100 : (noticed / counted) * 100;
  const beside = equivalent === 0 ? '' : `, ${equivalent} equivalent`;
  return `${share.toFixed(1).padStart(6)} %  ${what}: ${noticed} of ${counted} noticed${beside}`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').slice(0, 160);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
