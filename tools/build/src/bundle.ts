import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import { checkoutRoot } from '@andvari/servers/data-home';
import { type Plugin, rolldown } from 'rolldown';

/**
 * Makes plain JavaScript of a service and of the workspaces it imports, with the files they read beside it: what an image
 * carries next to the installed packages, which stay as they are because some of them find their own files by where they lie. Answers with the names of those.
 */
export async function bundle(serviceFolder: string): Promise<string[]> {
  const out = join(serviceFolder, 'dist');
  rmSync(out, { recursive: true, force: true });
  const build = await rolldown({
    input: join(serviceFolder, 'src/main.ts'),
    platform: 'node',
    external: (id) => !/^(\.|\/|@andvari\/)/.test(id) && !INSIDE.test(id),
    plugins: [filesBeside(out), packedPage(out)],
    transform: { define: { ANDVARI_COMMIT: JSON.stringify(commitOf(checkoutRoot)) } },
    onLog: (level, log) => {
      if (level === 'warn' && log.code !== 'EVAL') console.warn(log.message);
    },
  });
  const { output } = await build.write({
    dir: out,
    format: 'esm',
    entryFileNames: '[name].mjs',
    chunkFileNames: 'chunks/[name]-[hash].mjs',
  });
  await build.close();
  const imported = output.flatMap((part) =>
    part.type === 'chunk' ? [...part.imports, ...part.dynamicImports, ...requiredBy(part.code)] : [],
  );
  const outside = imported.filter((id) => !/^node:|\.mjs$/.test(id) && !isBuiltin(id));
  return [...new Set(outside.map(packageOf))].toSorted();
}

/** What older modules ask for, which the bundler leaves as they say it and does not list. */
function requiredBy(code: string): string[] {
  return [...code.matchAll(/\b__require\("([^"]+)"\)/g)].map(([, id = '']) => id);
}

function packageOf(id: string): string {
  return id.split('/', id.startsWith('@') ? 2 : 1).join('/');
}

/** Packages that are large, read no files of theirs and are used to a small part. */
const INSIDE =
  /^(?:drizzle-orm|zod|jose|@graphql-yoga\/render-graphiql|@bufbuild\/protobuf|@nats-io\/[^/]+|@opentelemetry\/[^/]+|@pothos\/[^/]+)(?:\/|$)/;

/** What the build says of itself: as it is given, else as the checkout knows. */
function commitOf(folder: string): string {
  const given = process.env['ANDVARI_COMMIT'] ?? '';
  if (given !== '') return given;
  const { stdout } = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: folder, encoding: 'utf8' });
  return /^[0-9a-f]{40}$/.test(stdout?.trim() ?? '') ? stdout.trim() : 'unknown';
}

const FILE = /new URL\('(\.\.?\/[^']+)', import\.meta\.url\)/g;

/**
 * `new URL('../migrations/', import.meta.url)` names a file by where the source lies. It is copied to where the bundle lies,
 * under its owner's name, because the kit's migrations and a service's are both called so. Functions go with migrations, as
 * the migrator reads them.
 */
function filesBeside(out: string): Plugin {
  return {
    name: 'files-beside',
    transform(code, id) {
      if (!id.startsWith(checkoutRoot) || id.includes('/node_modules/') || !code.includes('import.meta.url'))
        return null;
      return code.replaceAll(FILE, (_, path: string) => {
        const source = fileURLToPath(new URL(path, pathToFileURL(id)));
        if (!existsSync(source)) throw new Error(`${id} reads ${path}, which is not there`);
        const place = join('files', basename(ownerOf(source)), basename(source));
        copy(source, join(out, place));
        const functions = join(source, '../functions');
        if (basename(source) === 'migrations' && existsSync(functions))
          copy(functions, join(out, place, '../functions'));
        const from = path.endsWith('/') ? `${place}/` : place;
        // Chunks lie one folder down.
        return `new URL('${from}', new URL(import.meta.url.includes('/chunks/') ? '../' : './', import.meta.url))`;
      });
    },
  };
}

const PAGE = /\/@graphql-yoga\/render-graphiql\/esm\/graphiql\.js$/;

/** GraphiQL is nine megabytes of text that few ask for: it lies packed beside the bundle, and is read when somebody does. */
function packedPage(out: string): Plugin {
  return {
    name: 'packed-page',
    async load(id) {
      if (!PAGE.test(id)) return null;
      const texts: Record<string, string> = await import(pathToFileURL(id).href);
      mkdirSync(join(out, 'files'), { recursive: true });
      writeFileSync(join(out, 'files', 'graphiql.json.br'), brotliCompressSync(JSON.stringify(texts), QUICKLY));
      return `
        import { readFileSync } from 'node:fs';
        import { brotliDecompressSync } from 'node:zlib';
        const packed = readFileSync(new URL('../files/graphiql.json.br', import.meta.url));
        export const { ${Object.keys(texts).join(', ')} } = JSON.parse(brotliDecompressSync(packed).toString());`;
    },
  };
}

/** A fiftieth larger than with all effort, in a fiftieth of the time. */
const QUICKLY = { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } };

function copy(source: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(source, to, { recursive: true });
}

/** The workspace that a file belongs to: `packages/kit`. */
function ownerOf(path: string): string {
  return path
    .slice(checkoutRoot.length + 1)
    .split(sep)
    .slice(0, 2)
    .join(sep);
}

if (import.meta.main) await bundle(resolve(process.argv[2] ?? process.cwd()));
