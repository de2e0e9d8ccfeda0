import { builder } from '../builder.ts';

builder.queryField('health', (t) =>
  t.string({
    description: 'Answers whenever the gateway does.',
    skipTypeScopes: true,
    resolve: () => 'ok',
  }),
);
