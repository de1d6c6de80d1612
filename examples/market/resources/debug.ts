import type { Market, Reply } from '../market.ts';

/** Careless: what its developers looked at, and forgot. The secrets are made up. */
export function debugPage({ sessions, database }: Market): Reply {
  return {
    data: {
      node: process.version,
      memory: process.memoryUsage.rss(),
      sessions: sessions.size,
      sqlite: database.version(),
      environment: {
        DATABASE_URL: 'postgres://market:made-up-for-the-market-example@db.market.example/market',
        PAYMENT_SECRET: 'also-made-up',
      },
      routes: 'examples/market/resources',
    },
  };
}
