// node scripts/run.js FILE [ARG ...]          runs a file of the project on Node 26
// node scripts/run.js --tool NAME [ARG ...]   runs a development tool of the project
import { join } from 'node:path';
import { ensureInstalled, findNode, NODE_FLAGS, root, run } from './runtime.js';

const [first, ...rest] = process.argv.slice(2);
ensureInstalled();
if (first === '--tool') run(findNode(), [join(root, 'node_modules', '.bin', rest[0]), ...rest.slice(1)]);
else run(findNode(), [...NODE_FLAGS, join(root, first), ...rest]);
