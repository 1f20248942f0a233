import { writeFileSync } from 'node:fs';
import { registryPage } from '../core/privacy/registry/page.ts';
import { REGISTRY } from '../core/privacy/registry.ts';

// `npm run privacy:page`: a test fails until it was run after a change of the registry.
writeFileSync('docs/privacy.md', registryPage(REGISTRY));
