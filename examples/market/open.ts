import type { Server } from 'node:http';
import { Accounts } from './accounts.ts';
import { marketServer } from './application.ts';
import { Collection } from './collection.ts';
import { Database } from './database.ts';
import { COUPONS } from './seed.ts';
import { Sessions } from './sessions.ts';
import { switchBoard, type Weakness } from './weaknesses.ts';

/** A market with its demo data and these weaknesses, not yet listening. It keeps everything in memory. */
export function openMarket(weaknesses: Iterable<Weakness>): Server {
  const weak = switchBoard(weaknesses);
  const database = new Database();
  const server = marketServer({
    weak,
    database,
    accounts: new Accounts(database, weak),
    sessions: new Sessions(weak),
    coupons: new Collection(COUPONS),
  });
  server.on('close', () => database.close());
  return server;
}
