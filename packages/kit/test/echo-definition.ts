/** The smallest service there is, for tests of how calls travel; it is no part of any contract. */
export interface Text {
  text: string;
}

export const EchoService = {
  /** May be sent again when nobody answers. */
  ask: unary('Ask'),
  /** May not. */
  tell: unary('Tell'),
  list: streaming('List'),
};

function unary(name: string) {
  return { ...method(name), responseStream: false } as const;
}

function streaming(name: string) {
  return { ...method(name), responseStream: true } as const;
}

function method(name: string) {
  return {
    path: `/andvari.test.v1.EchoService/${name}`,
    requestStream: false,
    requestSerialize: serialize,
    requestDeserialize: deserialize,
    responseSerialize: serialize,
    responseDeserialize: deserialize,
  } as const;
}

export function serialize(text: Text): Buffer {
  return Buffer.from(JSON.stringify(text));
}

export function deserialize(bytes: Buffer): Text {
  return JSON.parse(bytes.toString()) as Text;
}
