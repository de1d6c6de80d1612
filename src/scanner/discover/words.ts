const split = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Names that resources and deeds of APIs have, the commonest first: tried alone and under each prefix that is alive. */
export const RESOURCES = split(`
  users login products orders items posts health status me session sessions auth account accounts profile customers
  categories comments messages files search register logout token version info books todos tasks projects teams
  groups roles members invoices payments carts cart articles blogs documents images photos albums events notes tags
  notifications settings config metrics stats reports admin employees staff people persons contacts addresses
  companies organizations tenants clients vendors suppliers shops stores inventory stock prices offers coupons
  discounts promotions reviews ratings favorites wishlist subscriptions plans transactions transfers wallets cards
  banks loans policies claims patients doctors appointments prescriptions visits records students teachers courses
  classes grades schools vehicles cars trips rides drivers bookings reservations rooms hotels flights tickets seats
  menus recipes restaurants devices sensors locations countries cities currencies languages jobs candidates
  applications channels chats topics votes surveys questions answers feedback issues releases packages repos builds
  webhooks keys logs audit exports imports uploads media videos songs playlists games players feeds news pages help
  ping healthz calendars
`).filter((word, index, all) => all.indexOf(word) === index);

/** A first look under a prefix: where none of them is, the rest is not asked. */
export const FIRST = split('users login auth/login session products orders items health');

/** Where APIs stand, beside the root. */
export const PREFIXES = split('/api /api/v1 /v1 /api/v2 /v2 /rest /api/v3');

/** Where documents of contracts are published. */
export const PUBLISHED = split(`
  /openapi.json /swagger.json /openapi.yaml /v3/api-docs /api-docs /v2/api-docs /swagger/v1/swagger.json
  /api/openapi.json /api/swagger.json /api-docs.json /docs/openapi.json /swagger.yaml /openapi.yml /api-json
  /.well-known/openapi.json /.well-known/openapi.yaml /.well-known/api-catalog /api/v1/openapi.json /v1/openapi.json
  /openapi /api/docs/openapi.json /api/schema /docs /swagger /swagger-ui /swagger-ui/index.html /redoc
`);

/** Deeds and parts that stand below a collection. */
export const BELOW_COLLECTION = split('search me export import download stats');

/** Deeds that log somebody in, below the root or a prefix. */
export const LOGINS = split('login auth/login session sessions auth signin users/login auth/token token authenticate');

/** Paths that are not even read: a GET of them may end a session or change something. */
export const HARMFUL =
  /log-?out|sign-?out|log-?off|delete|remove|destroy|revoke|reset|shutdown|restart|unsubscribe|deactivate|purge|truncate/i;

/** What is no part of an API: pictures, style, code. */
export const STATIC = /\.(?:js|mjs|css|map|png|jpe?g|gif|svg|ico|webp|avif|woff2?|ttf|eot|mp[34]|webm|wasm|html?)$/i;

/** What stands below one thing. */
export const BELOW_ITEM = split(`
  comments items orders products reviews payments messages documents files history status profile settings avatar
  addresses notes members invoices images content
`);
