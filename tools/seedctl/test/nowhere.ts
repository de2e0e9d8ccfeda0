/** A system of which nothing answers. */
export const nowhere = {
  environment: 'test',
  gateway: 'http://127.0.0.1:1',
  nats: 'nats://127.0.0.1:1',
  databases: {},
  services: {},
  keys: {},
};
