import type { Check } from '../model/check.ts';
import type { ScanPlan } from '../model/plan.ts';
import type { ScanReport } from '../model/report.ts';
import { Shop, type ShopHabits } from './shop-api.ts';
import { shopContract, shoppers } from './shop-contract.ts';
import { trial } from './trial.ts';

/** Scans a shop with its faults and habits. @throws where a check crashed */
export async function scanShop(
  checks: readonly Check[],
  habits: ShopHabits = {},
  options: Partial<ScanPlan['options']> = {},
): Promise<ScanReport & { readonly shop: Shop }> {
  const shop = new Shop(habits);
  const report = await trial({
    contract: shopContract(habits.cookie),
    answer: shop.answer,
    checks,
    identities: shoppers(habits.cookie),
    options,
  });
  for (const { check, state, reason } of report.checks)
    if (state === 'crashed') throw new Error(`${check.id} crashed: ${reason}`);
  return { ...report, shop };
}
