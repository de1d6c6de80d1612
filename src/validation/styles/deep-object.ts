import { token } from '../fault.ts';
import { type Carrier, compileMembers, type Style } from './style.ts';

/**
 * `color[R]=1&color[G]=2`: one level, as far as the contract's language defines it. A property that the contract says is
 * an array may be repeated; `color[]`, `color[R][x]` and the like mean something else to every reader, and are refused.
 */
export const deepObject: Style = {
  claim: () => 'brackets',
  compile(carrier: Carrier) {
    const members = compileMembers(carrier, true);
    const start = carrier.name.length + 1;
    return (given, violations) => {
      const flat: string[] = [];
      for (const pair of given) {
        const { name } = pair;
        const property = name.slice(start, -1);
        if (!name.endsWith(']') || property === '' || property.includes('[') || property.includes(']')) {
          violations.add(carrier.in, token(carrier.name), `must be written as ${carrier.name}[property]=value`);
          continue;
        }
        if (pair.bare) violations.add(carrier.in, token(carrier.name) + token(property), 'has no value');
        flat.push(property, pair.value);
      }
      return members(flat, violations);
    };
  },
};
