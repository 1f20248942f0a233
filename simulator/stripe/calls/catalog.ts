import { flag, known, metadata, text, words } from '../api/fields.ts';
import { createdWithin, having, PAGING, page } from '../api/lists.ts';
import { noSuch } from '../api/refusal.ts';
import type { Route } from '../api/routes.ts';
import { createPrice, createProduct } from '../objects/catalog.ts';
import { idOf, newestOf, type World } from '../world.ts';

function priceOf(world: World, id: string) {
  const price = world.prices.get(id);
  if (!price) throw noSuch('price', id);
  return price;
}

function productOf(world: World, id: string) {
  const product = world.products.get(id);
  if (!product) throw noSuch('product', id);
  return product;
}

export const catalog: Route[] = [
  { method: 'POST', path: '/v1/products', run: ({ world, fields }) => createProduct(world, fields) },
  { method: 'GET', path: '/v1/products/:id', run: ({ world, id }) => productOf(world, id) },
  {
    method: 'GET',
    path: '/v1/products',
    run({ world, fields }) {
      known(fields, [...PAGING, 'active', 'ids']);
      const [active, within, ids] = [flag(fields, 'active'), createdWithin(fields), words(fields, 'ids')];
      const found = newestOf(world.products).filter(
        (one) => within(one) && (active ?? one.active) === one.active && (ids.length === 0 || ids.includes(one.id)),
      );
      return page('/v1/products', found, fields);
    },
  },
  { method: 'POST', path: '/v1/prices', run: ({ world, fields }) => createPrice(world, fields) },
  { method: 'GET', path: '/v1/prices/:id', run: ({ world, id }) => priceOf(world, id) },
  {
    method: 'POST',
    path: '/v1/prices/:id',
    run({ world, id, fields }) {
      known(fields, ['active', 'metadata', 'nickname']);
      const price = priceOf(world, id);
      price.active = flag(fields, 'active') ?? price.active;
      price.metadata = metadata(fields, price.metadata);
      if ('nickname' in fields) price.nickname = text(fields, 'nickname') ?? null;
      world.emit('price.updated', price);
      return price;
    },
  },
  {
    method: 'GET',
    path: '/v1/prices',
    run({ world, fields }) {
      known(fields, [...PAGING, 'active', 'currency', 'lookup_keys', 'product', 'type']);
      const [active, keys, within] = [flag(fields, 'active'), words(fields, 'lookup_keys'), createdWithin(fields)];
      const [currency, product, type] = [having(fields, 'currency'), having(fields, 'product'), having(fields, 'type')];
      const found = newestOf(world.prices).filter(
        (one) =>
          within(one) &&
          (active ?? one.active) === one.active &&
          currency(one.currency) &&
          product(idOf(one.product)) &&
          type(one.type) &&
          (keys.length === 0 || (one.lookup_key !== null && keys.includes(one.lookup_key))),
      );
      return page('/v1/prices', found, fields);
    },
  },
];
