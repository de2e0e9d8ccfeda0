import { encode } from 'uqr';

/** Whole pixels, so that all modules are of one size, and large enough for a camera. */
const MODULE_PX = 4;

/** What a camera reads: dark on light in both themes, with the margin of four modules that the standard asks for. */
export function QrPicture({ text, label }: { text: string; label: string }) {
  const { data, size } = encode(text, { ecc: 'L', border: 4 });
  return (
    <svg role="img" aria-label={label} width={size * MODULE_PX} viewBox={`0 0 ${size} ${size}`}>
      <rect width={size} height={size} fill="#fff" />
      <path fill="#000" d={data.map(strokesOf).join('')} />
    </svg>
  );
}

const strokesOf = (row: readonly boolean[], y: number): string =>
  row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')).join('');
