import { isAbsolute, relative, resolve } from 'node:path';
import type { Configuration } from '../config/configuration.ts';
import { loadContract, openContract } from '../contract/contract.ts';
import type { Contract } from '../contract/model.ts';
import type { Outbound } from '../outbound/outbound.ts';
import { knownExtensions } from './plan.ts';

/** Loads the contract that a configuration names: a file, a URL, or `none`. */
export async function openContractOf(configuration: Configuration, outbound: Outbound): Promise<Contract> {
  const { contract, directory, listen } = configuration;
  if (contract === 'none') return openContract();
  const source =
    /^https?:\/\//.test(contract) || isAbsolute(contract) ? contract : readable(resolve(directory, contract));
  return await loadContract(source, { outbound, basePath: listen.basePath, extensions: knownExtensions });
}

/** Relative to where the user stands: shorter in messages. */
const readable = (file: string): string => {
  const short = relative(process.cwd(), file);
  return short.startsWith('..') ? file : short;
};
