#!/usr/bin/env node
// Runs the working tree: `npx portcullis VERB` in a clone. A published package has dist/cli/main.js in its place.
import { join } from 'node:path';
import { ensureInstalled, findNode, NODE_FLAGS, root, run } from '../scripts/runtime.js';

ensureInstalled();
run(findNode(), [...NODE_FLAGS, join(root, 'src', 'cli', 'main.ts'), ...process.argv.slice(2)]);
