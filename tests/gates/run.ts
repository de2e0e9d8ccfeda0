import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataHome } from '@andvari/servers/data-home';
import { askRegistry, judgeAdvisories, readExceptions } from './advisories.ts';
import { billOfMaterials, unaccountedIn } from './bill-of-materials.ts';
import { licenceMisfits, lockedPackages } from './licences.ts';

/** `make gates`: what stands between packages of others and a release. What needs the network and cannot be had is skipped, and not passed. */
const root = join(import.meta.dirname, '../..');
const packages = lockedPackages(root);
let [passed, failed, skipped] = [0, 0, 0];

const licences = licenceMisfits(packages).map(({ package: name, licence }) => `${name}: ${licence}`);
tell('licences', licences);

const bill = billOfMaterials(root, packages);
const folder = join(dataHome(root).path, 'gates');
mkdirSync(folder, { recursive: true });
const file = join(folder, 'andvari.cdx.json');
writeFileSync(file, bill);
tell(`bill of materials, ${file}`, unaccountedIn(bill, packages));

const asked = askRegistry(root);
if ('unreachable' in asked) {
  skipped += 1;
  console.log(`SKIPPED advisories: ${asked.unreachable}`);
} else {
  const today = new Date().toISOString().slice(0, 10);
  tell('advisories', judgeAdvisories(asked.report, readExceptions(root), today));
}
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 ? 0 : 1;

function tell(gate: string, problems: readonly string[]): void {
  if (problems.length === 0) passed += 1;
  else failed += 1;
  console.log(`${problems.length === 0 ? 'passed' : 'FAILED'} ${gate}`);
  for (const problem of problems) console.log(`  ${problem}`);
}
